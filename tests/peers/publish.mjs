// A stranger's publisher, written from daemon/intake/README.md alone: npm's `zeromq` speaks SW1 to the
// real daemon, npm's `cloudevents` makes the events. TAP on stdout.
//
//     node publish.mjs ENDPOINT STATUS_URL
import { CloudEvent } from "cloudevents";
import { Dealer } from "zeromq";

const [endpoint, status] = process.argv.slice(2);
let count = 0;
let failures = 0;

function ok(passed, name) {
    count += 1;
    failures += passed ? 0 : 1;
    console.log(`${passed ? "ok" : "not ok"} ${count} - ${name}`);
}

const socket = new Dealer({ linger: 0, receiveTimeout: 10000 });
socket.connect(endpoint);

async function answer() {
    return (await socket.receive()).map((frame) => frame.toString());
}

function make(type, subject, data, more = {}) {
    return new CloudEvent({ source: "/npm/publisher", type, subject, data, ...more });
}

function wire(event) {
    return typeof event === "string" ? event : JSON.stringify(event);
}

async function publish(tag, ...events) {
    await socket.send(["SW1", "EVENTS", tag, ...events.map(wire)]);
    return answer();
}

await socket.send(["SW1", "EVENTS", "early", wire(make("visit.done", "household/H1", {}))]);
let got = await answer();
ok(got[1] === "WHO" && got[2] === "early", "before HELLO the daemon asks who we are");

await socket.send(["SW1", "HELLO", "live"]);
got = await answer();
ok(got[0] === "SW1" && got[1] === "CREDIT" && Number(got[2]) >= 100, "HELLO is answered with credit");

got = await publish(
    "registry",
    make("registry.area", "area/610999000000", { name: "平川县" }),
    make("registry.household", "household/H1", { area: "610999000000", kind: "unstable", members_n: 3 }),
    make("registry.person", "person/P1", { household: "H1" }),
);
ok(got.slice(1).join(" ") === "ANSWER registry 3 0 0", "three registry changes are stored");

const bill = make("medical.bill", "household/H1", { person: "P1", kind: "inpatient", self_paid: 6000.5 });
got = await publish("t1", bill);
ok(got.slice(1).join(" ") === "ANSWER t1 1 0 0", "a bill is stored");
got = await publish("t2", bill, make("medical.bill", "person/P1", { kind: "outpatient", self_paid: 1 }));
ok(got.slice(1).join(" ") === "ANSWER t2 1 1 0", "a repeat is told apart from a new one");

got = await publish("t3", make("medical.bil", "household/H1", {}), bill, "{", "\xff\xfe");
ok(got.slice(1, 6).join(" ") === "ANSWER t3 0 1 3", "refusals are counted");
ok(got[6] === "0" && got[7] === "unknown_type" && got[8].includes("medical.bil"), "told by place, reason and text");
ok(got[9] === "2" && got[10] === "not_json" && got[12] === "3", "each of them");

got = await publish("t4", make("medical.bill", "household/H1", undefined, { reverses: bill.id }));
ok(got.slice(1).join(" ") === "ANSWER t4 1 0 0", "a bill is taken back");

await socket.send(["SW1", "EVNTS", "x"]);
got = await answer();
ok(got[1] === "ERROR", "a wrong word is told");
await socket.send(["nonsense"]);
got = await answer();
ok(got[1] === "ERROR", "so is nonsense");
await socket.send(["", "SW1", "HELLO"]);
got = await answer();
ok(got[1] === "ERROR", "so is an envelope we do not use");

const events = Array.from({ length: 1000 }, (_, i) => make("visit.done", "household/H1", {}, { id: `v${i}` }));
got = await publish("many", ...events);
ok(got.slice(1).join(" ") === "ANSWER many 1000 0 0", "a thousand events in one message");
got = await publish("toomany", ...events, events[0]);
ok(got.slice(1, 6).join(" ") === "ANSWER toomany 0 1000 1", "the thousand and first is refused");

const state = await (await fetch(status)).json();
ok(state.inputs.rejected === 3 && state.inputs.duplicates === 1002, "the daemon counts the same");

socket.close();
console.log(`1..${count}`);
process.exit(failures === 0 ? 0 : 1);
