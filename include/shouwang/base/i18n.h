/* i18n.h - texts for people, in the language of LANG (Chinese or English).
 * Layer: base. Message ids are the English texts; translations are in daemon/ctl/po. */
#ifndef SHOUWANG_BASE_I18N_H
#define SHOUWANG_BASE_I18N_H

#include <libintl.h>

#define SW_TEXT_DOMAIN "shouwang"
#define _(text)        dgettext(SW_TEXT_DOMAIN, (text))
#define N_(text)       (text) /* marks a text for extraction, translated where it is used */

/* Once at start of a program: locale from the environment, and where the translations lie (beside
 * the program when run from a build folder, else the system's place). Numbers stay in the C
 * locale. A system without the wanted locale still gets its language. */
void sw_i18n_init(void);

#endif
