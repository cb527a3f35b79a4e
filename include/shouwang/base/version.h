/* version.h - which Shouwang this is.
 * Layer: base. */
#ifndef SHOUWANG_BASE_VERSION_H
#define SHOUWANG_BASE_VERSION_H

#define SW_VERSION "0.1.0"

#endif
