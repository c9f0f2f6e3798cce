// The PS/2 keyboard. The console's lock covers it.
#ifndef KERN_KBD_H
#define KERN_KBD_H

// What keys without a character give: JOS's values.
#define KEY_HOME 0xE0
#define KEY_END 0xE1
#define KEY_UP 0xE2
#define KEY_DN 0xE3
#define KEY_LF 0xE4
#define KEY_RT 0xE5
#define KEY_PGUP 0xE6
#define KEY_PGDN 0xE7
#define KEY_INS 0xE8
#define KEY_DEL 0xE9

void kbd_init(void);

// Hands the characters of keys pressed since to cons_input.
void kbd_poll(void);

#endif
