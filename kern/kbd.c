// The PS/2 keyboard: scan codes of set 1, as the controller translates them,
// into characters of the US layout.
#include <inc/x86.h>
#include <kern/console.h>
#include <kern/kbd.h>

#define KBD_STATUS 0x64
#define STATUS_DATA 0x01  // there is a byte
#define STATUS_MOUSE 0x20 //   and it is the mouse's
#define KBD_DATA 0x60

#define CODE_E0 0xe0    // the next code is of one of the later keys
#define CODE_BREAK 0x80 // key released

#define SCAN_CTRL 0x1d
#define SCAN_LSHIFT 0x2a
#define SCAN_RSHIFT 0x36
#define SCAN_CAPS 0x3a
#define SCAN_KEYPAD 0x47 // from here on the cursor keys
#define SCAN_ENTER 0x1c
#define SCAN_SLASH 0x35

// Characters by scan code, from code 0 to 0x39, without and with shift. A 0 is
// a key that gives none.
static const char plain[] = "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`"
			    "\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~"
			      "\0|ZXCVBNM<>?\0*\0 ";
static_assert(sizeof(plain) == 0x3a + 1 && sizeof(shifted) == sizeof(plain),
	      "the tables end with the space bar");

// From SCAN_KEYPAD on; the keypad counts as cursor keys.
static const uint8_t keypad[] = {
	KEY_HOME, KEY_UP,  KEY_PGUP, '-',      KEY_LF,  '5',     KEY_RT,
	'+',      KEY_END, KEY_DN,   KEY_PGDN, KEY_INS, KEY_DEL,
};

static bool kbd_e0, kbd_lshift, kbd_rshift, kbd_lctrl, kbd_rctrl, kbd_caps;

// The character that a key gives when it is pressed, 0 for none.
static int
kbd_char(int code, bool e0)
{
	bool shift = kbd_lshift || kbd_rshift;
	int c;

	if (code >= SCAN_KEYPAD && code < SCAN_KEYPAD + (int)sizeof(keypad))
		return keypad[code - SCAN_KEYPAD];
	if (code >= (int)sizeof(plain) - 1)
		return 0;
	if (e0 && code != SCAN_ENTER && code != SCAN_SLASH)
		return 0;
	c = (shift && !e0 ? shifted : plain)[code];
	if (kbd_caps && c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	else if (kbd_caps && c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	if ((kbd_lctrl || kbd_rctrl) && ((c >= '@' && c <= '_') || (c >= 'a' && c <= 'z')))
		c &= 0x1f;
	return c;
}

static void
kbd_code(int code)
{
	bool e0 = kbd_e0, press = !(code & CODE_BREAK);
	int c;

	kbd_e0 = code == CODE_E0;
	if (kbd_e0)
		return;
	code &= ~CODE_BREAK;

	// With E0 the shifts are no keys: the keyboard wraps others in them.
	if (code == SCAN_LSHIFT && !e0)
		kbd_lshift = press;
	else if (code == SCAN_RSHIFT && !e0)
		kbd_rshift = press;
	else if (code == SCAN_CTRL)
		*(e0 ? &kbd_rctrl : &kbd_lctrl) = press;
	else if (code == SCAN_CAPS && press)
		kbd_caps = !kbd_caps;
	else if (press && (c = kbd_char(code, e0)) != 0)
		cons_input(c);
}

void
kbd_init(void)
{
	// What was typed at the BIOS is not for us; nor may it stop the
	// controller from interrupting.
	for (int i = 0; i < 32 && inb(KBD_STATUS) & STATUS_DATA; i++)
		inb(KBD_DATA);
}

void
kbd_poll(void)
{
	// Bounded: without a controller the bus reads all ones.
	for (int i = 0; i < 32; i++) {
		uint8_t status = inb(KBD_STATUS);

		if (!(status & STATUS_DATA))
			return;
		uint8_t code = inb(KBD_DATA);
		if (!(status & STATUS_MOUSE))
			kbd_code(code);
	}
}
