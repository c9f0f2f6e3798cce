// Error numbers, from inc/error.def.
#ifndef INC_ERROR_H
#define INC_ERROR_H

enum {
#define ERROR(name, number, words) name = number,
#include <inc/error.def>
#undef ERROR
	MAXERROR // one past the last
};

// An error number, of either sign, in words; NULL if there is no such error.
const char *error_words(int error);

#endif
