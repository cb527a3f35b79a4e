/* i18n.c - texts for people, in the language of LANG. */
#include <locale.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/i18n.h>
#include <stdlib.h>
#include <unistd.h>

/* A small system often has no Chinese locale installed; gettext needs some locale other than "C"
 * to translate at all, so C.UTF-8 (always there with glibc 2.35) stands in and LANGUAGE names the
 * language. */
static void use_language_of_environment(void)
{
    const char *lang = getenv("LC_ALL");

    if (setlocale(LC_ALL, "") != NULL)
        return;
    if (lang == NULL || *lang == '\0')
        lang = getenv("LC_MESSAGES");
    if (lang == NULL || *lang == '\0')
        lang = getenv("LANG");
    if (setlocale(LC_ALL, "C.UTF-8") != NULL && lang != NULL)
        setenv("LANGUAGE", lang, 0);
}

/* build/locale beside build/shouwang; NULL-safe for an installed program. */
static void bind_texts(void)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    struct sw_buf dir = {0};

    if (n > 0) {
        self[n] = '\0';
        *strrchr(self, '/') = '\0';
        sw_buf_printf(&dir, "%s/locale", self);
    }
    if (dir.n > 0 && access(dir.p, X_OK) == 0)
        bindtextdomain(SW_TEXT_DOMAIN, dir.p);
    else
        bindtextdomain(SW_TEXT_DOMAIN, "/usr/share/locale");
    bind_textdomain_codeset(SW_TEXT_DOMAIN, "UTF-8");
    sw_buf_free(&dir);
}

void sw_i18n_init(void)
{
    use_language_of_environment();
    setlocale(LC_NUMERIC, "C");
    bind_texts();
}
