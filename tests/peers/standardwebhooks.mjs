// The receiver's side of Standard Webhooks by another's hand: npm's `standardwebhooks` verifies what
// we sign and send. TAP on stdout.
//
//     node standardwebhooks.mjs PROGRAM      PROGRAM: the built tests/peers/post_webhook
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { dirname, resolve as absolute } from "node:path";
import { fileURLToPath } from "node:url";
import { Webhook } from "standardwebhooks";

const program = absolute(process.argv[2]);
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const other = "whsec_" + Buffer.from("another-secret-of-24-bytes").toString("base64");
const event = '{"type":"alert.raised","data":{"id":"A-1","title":"暴雨红色预警","n": 1.10}}';

let count = 0;
let failures = 0;
let last; // the newest request: {headers, body}
let status = 204;

function ok(passed, name) {
    count += 1;
    failures += passed ? 0 : 1;
    console.log(`${passed ? "ok" : "not ok"} ${count} - ${name}`);
}

const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
        last = { headers: request.headers, body: Buffer.concat(parts).toString("utf8") };
        response.writeHead(status).end();
    });
});

function post({ id = "12-0", keys = [secret], body = event, time }) {
    const env = { ...process.env };
    if (time !== undefined) env.WEBHOOK_TIME = String(time);
    const url = `http://127.0.0.1:${server.address().port}/hook`;
    return new Promise((resolve, reject) => {
        const child = spawn(program, [url, id, ...keys], { cwd: root, env, timeout: 30000 });
        let out = "";
        child.stdout.on("data", (text) => (out += text));
        child.stderr.pipe(process.stderr);
        child.on("error", reject);
        child.on("close", () => resolve(out.trim()));
        child.stdin.end(body);
    });
}

function refusal(key, message = last) {
    try {
        new Webhook(key).verify(message.body, message.headers);
        return "";
    } catch (error) {
        return error.message;
    }
}

async function main() {
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

    ok((await post({})) === "accepted", "our side takes 204 for accepted");
    ok(refusal(secret) === "", "the right key accepts");
    ok(last.body === event, "the body is the event, byte for byte");
    ok(last.headers["webhook-id"] === "12-0", "webhook-id is the message's id");
    ok(last.headers["content-type"] === "application/json", "content type");
    ok(JSON.stringify(new Webhook(secret).verify(last.body, last.headers)) ===
        JSON.stringify(JSON.parse(event)), "the verified event is the event");
    ok(refusal(other) === "No matching signature found", "a wrong key is refused");
    ok(refusal(secret, { ...last, body: last.body.replace("红", "蓝") }) ===
        "No matching signature found", "a tampered body is refused");
    ok(refusal(secret, { ...last, headers: { ...last.headers, "webhook-id": "12-1" } }) ===
        "No matching signature found", "another id is refused");

    const now = Math.floor(Date.now() / 1000);
    await post({ time: now - 3600 });
    ok(refusal(secret) === "Message timestamp too old", "an old one is refused");
    await post({ time: now + 3600 });
    ok(refusal(secret) === "Message timestamp too new", "one of the future is refused");

    await post({ keys: [other, secret] });
    ok(refusal(other) === "" && refusal(secret) === "", "rotation: either key accepts");
    ok(last.headers["webhook-signature"].split(" ").length === 2, "rotation: two signatures");
    await post({ keys: [secret.slice("whsec_".length)] });
    ok(refusal(secret) === "", "a secret without its prefix");

    status = 410;
    ok((await post({})) === "disabled", "410 disables");
    status = 429;
    ok((await post({})) === "rate limited", "429 slows down");
    status = 500;
    ok((await post({})) === "retry", "500 is tried again");

    const one = { ...last };
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await post({});
    ok(last.headers["webhook-id"] === one.headers["webhook-id"] &&
        last.headers["webhook-timestamp"] !== one.headers["webhook-timestamp"],
        "a repeat has the same id and a new time");
}

main()
    .catch((error) => ok(false, String(error)))
    .finally(() => {
        console.log(`1..${count}`);
        server.close();
        server.closeAllConnections();
        process.exitCode = failures === 0 ? 0 : 1;
    });
