// The file system's names: paths, removing, renaming, a directory that is full, and as
// many open files as there can be.
// sources: fs/cache.c fs/log.c fs/recover.c fs/bitmap.c fs/map.c fs/node.c fs/file.c
// sources: fs/dir.c fs/path.c fs/mount.c
#include "test/host/fs_steps.h"

static void
paths(void)
{
	struct Node *node;
	char path[400];

	begin(256);
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	CHECK_EQ(make("d//e/", FTYPE_DIR), 0);
	CHECK_EQ(make("//d/e/f", FTYPE_REG), 0);
	CHECK_EQ(look("/d/e/f"), 0);
	CHECK_EQ(look("d/e//f/"), 0);
	CHECK_EQ(look(""), 0);
	CHECK_EQ(look("///"), 0);
	CHECK_EQ(look("/d/e/g"), -E_NOT_FOUND);
	CHECK_EQ(look("/d/x/f"), -E_NOT_FOUND);
	CHECK_EQ(look("/d/e/f/g"), -E_NOT_DIR);
	CHECK_EQ(look("/d/."), -E_NOT_FOUND);
	CHECK_EQ(look("/d/.."), -E_NOT_FOUND);
	CHECK_EQ(look("orphans"), -E_NOT_FOUND);
	CHECK_EQ(make("/d", FTYPE_DIR), -E_FILE_EXISTS);
	CHECK_EQ(make("/", FTYPE_DIR), -E_FILE_EXISTS);
	CHECK_EQ(make("/d/e/f", FTYPE_REG), -E_FILE_EXISTS);
	CHECK_EQ(make("/x/f", FTYPE_REG), -E_NOT_FOUND);
	CHECK_EQ(make("/d/e/f/g", FTYPE_REG), -E_NOT_DIR);
	CHECK_EQ(make("/t", 2), -E_INVAL);
	CHECK_EQ(make(long_name(127), FTYPE_REG), 0);
	CHECK_EQ(look(long_name(127)), 0);
	CHECK_EQ(look(long_name(126)), -E_NOT_FOUND);
	CHECK_EQ(make(long_name(128), FTYPE_REG), -E_BAD_PATH);
	CHECK_EQ(look(long_name(200)), -E_BAD_PATH);
	host_snprintf(path, sizeof(path), "%s/a", long_name(128));
	CHECK_EQ(look(path), -E_BAD_PATH);

	CHECK_EQ(node_lookup("", &node), 0);
	CHECK_EQ(node_type(node), FTYPE_DIR);
	CHECK_STR(node_name(node), "/");
	node_put(node);
	CHECK_EQ(node_lookup("d/e/f", &node), 0);
	CHECK_EQ(node_type(node), FTYPE_REG);
	CHECK_EQ(node_size(node), 0);
	CHECK_STR(node_name(node), "f");
	node_put(node);
	end();
}

static void
removing(void)
{
	uint32_t nfree;

	begin(256);
	nfree = fs_nfree();
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	CHECK_EQ(make_full("/d/f", 15, 'f'), 0);
	CHECK_EQ(fs_remove("/"), -E_INVAL);
	CHECK_EQ(fs_remove(""), -E_INVAL);
	CHECK_EQ(fs_remove("/d"), -E_NOT_EMPTY);
	CHECK_EQ(fs_remove("/x"), -E_NOT_FOUND);
	CHECK_EQ(fs_remove("/d/f/g"), -E_NOT_DIR);
	CHECK_EQ(fs_remove(long_name(128)), -E_BAD_PATH);
	CHECK_EQ(fs_remove("/d/f"), 0);
	CHECK_EQ(fs_remove("/d"), 0);
	CHECK_EQ(look("/d"), -E_NOT_FOUND);
	CHECK_EQ(fs_nfree(), nfree - 1); // the root has a block now
	end();
}

static void
renaming(void)
{
	struct Node *a, *b;
	uint32_t nfree;

	begin(256);
	CHECK_EQ(make_full("/a", 2, 'a'), 0);
	CHECK_EQ(make_full("/b", 3, 'b'), 0);
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	CHECK_EQ(make("/d/e", FTYPE_DIR), 0);
	CHECK_EQ(make("/d/e/f", FTYPE_DIR), 0);
	CHECK_EQ(make("/empty", FTYPE_DIR), 0);
	CHECK_EQ(fs_rename("/", "/x"), -E_INVAL);
	CHECK_EQ(fs_rename("/a", "/"), -E_INVAL);
	CHECK_EQ(fs_rename("/x", "/y"), -E_NOT_FOUND);
	CHECK_EQ(fs_rename("/a", "/x/y"), -E_NOT_FOUND);
	CHECK_EQ(fs_rename("/a", "/b/y"), -E_NOT_DIR);
	CHECK_EQ(fs_rename("/a", "/a/y"), -E_NOT_DIR);
	CHECK_EQ(fs_rename("/a", long_name(128)), -E_BAD_PATH);
	CHECK_EQ(fs_rename("/a", "/d"), -E_IS_DIR);
	CHECK_EQ(fs_rename("/d", "/a"), -E_NOT_DIR);
	CHECK_EQ(fs_rename("/empty", "/d"), -E_NOT_EMPTY);
	CHECK_EQ(fs_rename("/d", "/d/x"), -E_INVAL);
	CHECK_EQ(fs_rename("/d", "/d/e/x"), -E_INVAL);
	CHECK_EQ(fs_rename("/d", "/d/e/f"), -E_INVAL);
	CHECK_EQ(fs_rename("/d/e", "/d"), -E_NOT_EMPTY);
	CHECK_EQ(fs_rename("/a", "/a"), 0);
	CHECK_EQ(fs_rename("/d", "d/"), 0);

	// A Node follows its file, and one that is replaced stays.
	CHECK_EQ(node_lookup("/a", &a), 0);
	CHECK_EQ(node_lookup("/b", &b), 0);
	nfree = fs_nfree();
	CHECK_EQ(fs_rename("/a", "/b"), 0);
	CHECK_EQ(look("/a"), -E_NOT_FOUND);
	CHECK_STR(node_name(a), "b");
	CHECK_STR(node_name(b), "b");
	CHECK(has(a, BLKSIZE, BLKSIZE, 'a'));
	CHECK(has(b, 2 * BLKSIZE, BLKSIZE, 'b'));
	CHECK_EQ(fs_nfree(), nfree);
	node_put(b);
	CHECK_EQ(fs_nfree(), nfree + 3);
	CHECK_EQ(fs_rename("/b", "/d/e/moved"), 0);
	CHECK_EQ(node_lookup("/d/e/moved", &b), 0);
	CHECK(a == b);
	node_put(b);
	CHECK_EQ(node_write(a, "x", 1, 0), 1);
	node_put(a);
	CHECK_EQ(fs_rename("/d/e", "/empty"), 0);
	CHECK_EQ(look("/empty/moved"), 0);
	CHECK_EQ(look("/empty/f"), 0);
	CHECK_EQ(fs_rename("/empty", "/d/long"), 0);
	CHECK_EQ(fs_rename("/d/long/moved", "/d/moved"), 0);
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(fs_mount(), 0);
	CHECK_EQ(node_lookup("/d/moved", &a), 0);
	CHECK(has(a, 0, 1, 'x'));
	CHECK(has(a, 1, BLKSIZE, 'a'));
	node_put(a);
	end();
}

static void
full_directory(void)
{
	struct Node *node;
	char path[40];
	int r = 0, n;

	begin(2000);
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	for (n = 0; r == 0; n++) {
		host_snprintf(path, sizeof(path), "/d/%d", n);
		r = make(path, FTYPE_REG);
	}
	CHECK_EQ(r, -E_DIR_FULL);
	CHECK_EQ(n, MAXDIRENTS + 1);
	CHECK_EQ(make("/other", FTYPE_REG), 0);
	CHECK_EQ(fs_rename("/other", "/d/other"), -E_DIR_FULL);
	CHECK_EQ(look("/other"), 0);
	CHECK_EQ(fs_rename("/d/100", "/d/renamed"), 0); // in its slot
	CHECK_EQ(fs_rename("/other", "/d/101"), 0);
	CHECK_EQ(fs_remove("/d/4000"), 0);
	CHECK_EQ(make("/d/again", FTYPE_REG), 0);
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(fs_mount(), 0);
	CHECK_EQ(look("/d/4095"), 0);
	CHECK_EQ(look("/d/again"), 0);
	CHECK_EQ(node_lookup("/d", &node), 0);
	CHECK_EQ(node_size(node), MAXDIRENTS / BLKFILES * BLKSIZE);
	node_put(node);
	end();
}

static void
many_nodes(void)
{
	static struct Node *nodes[2 * MAXOPEN];
	char path[20];
	int n, r = 0;

	begin(2000);
	for (n = 0; r == 0; n++) {
		host_snprintf(path, sizeof(path), "/%d", n);
		r = node_create(path, FTYPE_REG, &nodes[n]);
	}
	CHECK_EQ(r, -E_MAX_OPEN);
	CHECK(n > MAXOPEN);
	CHECK_EQ(look("/0"), 0); // that is one of them
	while (--n > 0)
		node_put(nodes[n - 1]);
	CHECK_EQ(look(path), -E_NOT_FOUND);
	end();
}

static void
all(void)
{
	RUN(paths);
	RUN(removing);
	RUN(renaming);
	RUN(full_directory);
	RUN(many_nodes);
}

int
main(void)
{
	with_each_cache(all);
	return report("fs_names");
}
