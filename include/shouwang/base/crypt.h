/* crypt.h - digests, HMAC, base64, random bytes.
 * Layer: base. The only file that knows OpenSSL's libcrypto. */
#ifndef SHOUWANG_BASE_CRYPT_H
#define SHOUWANG_BASE_CRYPT_H

#include <shouwang/base/buf.h>

#define SW_DIGEST_MAX 64

/* `name`: "md5", "sha1", "sha256", "sm3". Number of bytes written to `out`, 0: unknown name. */
size_t sw_digest(const char *name, struct sw_str data, unsigned char out[SW_DIGEST_MAX]);
size_t sw_hmac(const char *name, struct sw_str key, struct sw_str data,
               unsigned char out[SW_DIGEST_MAX]);
void sw_hex_put(struct sw_buf *out, struct sw_str bytes); /* lower case */
/* Exactly n bytes in 2n digits, lower case; false: they are not, and `out` may be written to. */
bool sw_hex_read(struct sw_str hex, unsigned char *out, size_t n);
void sw_base64_put(struct sw_buf *out, struct sw_str bytes);
/* Standard alphabet, padding optional, nothing else between. False: nothing was appended. */
bool sw_base64_decode(struct sw_buf *out, struct sw_str text);
/* From the kernel's generator; ends the process when there is none. */
void sw_random(void *out, size_t n);

#endif
