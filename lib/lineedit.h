// Editing a line on the console, for lib/readline.c.
#ifndef LIB_LINEEDIT_H
#define LIB_LINEEDIT_H

#define LINE_ROOM 1024 // of a line, with the 0 that ends it

int line_edit(const char *prompt, char *line);

#endif
