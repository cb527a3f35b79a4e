/* crypt.c - digests, HMAC, base64, random bytes, all from OpenSSL's libcrypto. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <shouwang/base/crypt.h>
#include <shouwang/base/mem.h>
#include <sys/random.h>

static const EVP_MD *algorithm(const char *name)
{
    static const struct {
        const char *name;
        const EVP_MD *(*md)(void);
    } known[] = {{"md5", EVP_md5}, {"sha1", EVP_sha1}, {"sha256", EVP_sha256}, {"sm3", EVP_sm3}};

    for (size_t i = 0; i < SW_COUNTOF(known); i++) {
        if (strcmp(name, known[i].name) == 0)
            return known[i].md();
    }
    return NULL;
}

size_t sw_digest(const char *name, struct sw_str data, unsigned char out[SW_DIGEST_MAX])
{
    const EVP_MD *md = algorithm(name);
    unsigned int n = 0;

    if (md == NULL || EVP_Digest(data.p, data.n, out, &n, md, NULL) != 1)
        return 0;
    return n;
}

size_t sw_hmac(const char *name, struct sw_str key, struct sw_str data,
               unsigned char out[SW_DIGEST_MAX])
{
    const EVP_MD *md = algorithm(name);
    unsigned int n = 0;

    if (md == NULL || HMAC(md, key.n == 0 ? "" : key.p, (int)key.n, (const unsigned char *)data.p,
                           data.n, out, &n) == NULL)
        return 0;
    return n;
}

void sw_hex_put(struct sw_buf *out, struct sw_str bytes)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.n; i++) {
        sw_buf_char(out, digits[(unsigned char)bytes.p[i] >> 4]);
        sw_buf_char(out, digits[bytes.p[i] & 0x0f]);
    }
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sw_hex_read(struct sw_str hex, unsigned char *out, size_t n)
{
    if (hex.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = digit_of(hex.p[2 * i]);
        int low = digit_of(hex.p[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

void sw_base64_put(struct sw_buf *out, struct sw_str bytes)
{
    sw_buf_reserve(out, (bytes.n + 2) / 3 * 4 + 1);
    out->n += (size_t)EVP_EncodeBlock((unsigned char *)out->p + out->n,
                                      (const unsigned char *)bytes.p, (int)bytes.n);
}

bool sw_base64_decode(struct sw_buf *out, struct sw_str text)
{
    size_t padding;
    struct sw_buf padded = {0};
    int n = -1;

    for (size_t whole = text.n; whole % 4 == 0 && whole - text.n < 2 && text.n > 0;) {
        if (text.p[text.n - 1] != '=')
            break;
        text.n--;
    }
    padding = (4 - text.n % 4) % 4;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '+' || c == '/'))
            return false;
    }
    if (padding > 2)
        return false;
    sw_buf_str(&padded, text);
    for (size_t i = 0; i < padding; i++)
        sw_buf_char(&padded, '=');
    sw_buf_reserve(out, padded.n);
    if (padded.n > 0)
        n = EVP_DecodeBlock((unsigned char *)out->p + out->n, (const unsigned char *)padded.p,
                            (int)padded.n);
    sw_buf_free(&padded);
    if (n < 0)
        return text.n == 0;
    out->n += (size_t)n - padding;
    out->p[out->n] = '\0';
    return true;
}

void sw_random(void *out, size_t n)
{
    char *p = out;

    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);

        SW_ASSERT(got > 0);
        p += got;
        n -= (size_t)got;
    }
}
