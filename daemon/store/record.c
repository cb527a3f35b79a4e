/* record.c - the hashes that bind steps to one another. The form is in record.h: it is fixed for
 * good, since every proof ever printed is checked by it. */
#include <shouwang/base/buf.h>
#include <shouwang/base/crypt.h>
#include <shouwang/store/record.h>

static void put_field(struct sw_buf *out, struct sw_str text)
{
    sw_buf_printf(out, "%zu:", text.n);
    sw_buf_str(out, text);
    sw_buf_char(out, '\n');
}

static void put_seal(struct sw_buf *out, const struct sw_seal *seal)
{
    sw_hex_put(out, (struct sw_str){(const char *)seal->byte, SW_SEAL_SIZE});
    sw_buf_char(out, '\n');
}

static struct sw_seal seal_of(struct sw_buf *bytes)
{
    unsigned char digest[SW_DIGEST_MAX];
    struct sw_seal seal;

    sw_digest("sha256", sw_buf_view(bytes), digest);
    memcpy(seal.byte, digest, SW_SEAL_SIZE);
    sw_buf_free(bytes);
    return seal;
}

struct sw_seal sw_step_hash(const struct sw_seal *before, const struct sw_step_row *step)
{
    struct sw_buf bytes = {0};

    sw_buf_cstr(&bytes, "shouwang step 1\n");
    put_seal(&bytes, before);
    sw_buf_printf(&bytes, "%lld\n%lld\n%lld\n", (long long)step->number, (long long)step->at,
                  (long long)step->seq);
    put_field(&bytes, step->kind);
    put_field(&bytes, step->actor);
    put_field(&bytes, step->text);
    put_field(&bytes, step->data);
    return seal_of(&bytes);
}

struct sw_seal sw_step_link(const struct sw_seal *before, int64_t position,
                            const struct sw_seal *hash)
{
    struct sw_buf bytes = {0};

    sw_buf_cstr(&bytes, "shouwang link 1\n");
    put_seal(&bytes, before);
    sw_buf_printf(&bytes, "%lld\n", (long long)position);
    put_seal(&bytes, hash);
    return seal_of(&bytes);
}

void sw_seal_hex(const struct sw_seal *seal, char out[2 * SW_SEAL_SIZE + 1])
{
    for (size_t i = 0; i < SW_SEAL_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", seal->byte[i]);
}

bool sw_seal_read(struct sw_str hex, struct sw_seal *out)
{
    return sw_hex_read(hex, out->byte, SW_SEAL_SIZE);
}
