/* file.h - whole files in and out.
 * Layer: base. */
#ifndef SHOUWANG_BASE_FILE_H
#define SHOUWANG_BASE_FILE_H

#include <shouwang/base/buf.h>
#include <shouwang/base/err.h>

/* Appends the file's bytes to `out`. SW_ENOTFOUND, SW_EIO, or SW_EFULL when larger than `max`. */
enum sw_code sw_file_read(const char *path, size_t max, struct sw_buf *out,
                          struct sw_err *err) SW_MUST_USE;
/* False for a pipe, a socket or a device, which may never end or make the reader wait. */
bool sw_file_is_regular(const char *path);
/* First line of a secret's file, without the newline. Refuses a file others may read. */
enum sw_code sw_file_secret(const char *path, struct sw_buf *out, struct sw_err *err) SW_MUST_USE;
/* A path named inside the file `from`, appended to `out`: relative ones begin at that file's
 * folder. */
void sw_file_beside(const char *from, struct sw_str path, struct sw_buf *out);
/* write(2) until everything is written. */
enum sw_code sw_file_write_all(int fd, const void *bytes, size_t n, struct sw_err *err) SW_MUST_USE;
/* The file `path` with this text, whole or as it was before: written beside it, made durable, then
 * put in its place. Readable by owner and group. */
enum sw_code sw_file_replace(const char *path, struct sw_str text, struct sw_err *err) SW_MUST_USE;
/* What was renamed or made in the folder of `path` stays so. */
enum sw_code sw_file_sync_folder(const char *path, struct sw_err *err) SW_MUST_USE;
/* The paths in `dir` whose names end in `suffix`, sorted by bytes; free each and the array. A
 * directory that does not exist is empty. */
enum sw_code sw_file_list(const char *dir, const char *suffix, char ***paths, size_t *n,
                          struct sw_err *err) SW_MUST_USE;

#endif
