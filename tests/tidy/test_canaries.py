"""Each gate, shown something that breaks its rule, says so; and shown the like of it that does not,
is silent. A gate that cannot fail guards nothing."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import bilingual
import features
import form
import layers
import lint
import purity

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


class Bench(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class Purity(Bench):
    def archive(self, text):
        source = self.write("x.c", text)
        target = os.path.join(self.folder, "x.o")
        archive = os.path.join(self.folder, "x.a")
        flags = ["-std=c11", "-w", "-O1", "-fPIE", "-fstack-protector-strong"]
        subprocess.run(["cc", *flags, "-c", source, "-o", target], check=True)
        subprocess.run(["ar", "rc", archive, target], check=True)
        return archive

    def test_a_pure_archive_passes(self):
        archive = self.archive(
            "#include <string.h>\n"
            'static const char *const words[] = {"a", "b"};\n'
            "const char *word(int i) { return words[i]; }\n"
            "static unsigned long other(const char *s) { return strlen(s); }\n"
            "unsigned long size(const char *s) { char b[99]; memcpy(b, s, 99); return other(b); }\n"
        )
        self.assertEqual(purity.findings([archive]), [])

    def test_a_clock_a_heap_and_another_module_are_seen(self):
        for call in ("time", "malloc", "printf", "lq_store_open"):
            with self.subTest(call):
                archive = self.archive(f"extern int {call}(); int f(void) {{ return {call}(0); }}")
                self.assertEqual(purity.findings([archive]), [f"{archive}: refers to {call}"])

    def test_memory_of_its_own_is_seen(self):
        for declaration in ("int count;", "int count = 3;", "_Thread_local int count;"):
            with self.subTest(declaration):
                archive = self.archive(f"{declaration} int f(void) {{ return ++count; }}")
                found = purity.findings([archive])
                self.assertEqual(len(found), 1, found)
                self.assertIn("keeps count in", found[0])

    def test_a_hidden_counter_is_seen(self):
        archive = self.archive("int f(void) { static int count; return ++count; }")
        self.assertIn("keeps count", "".join(purity.findings([archive])))


class Layers(Bench):
    def tree(self, **files):
        for name in ("firmware/core/err.h", "firmware/store/store.h", "firmware/door/door.h",
                     "hal/lines.h", "hal/gpiod/gpiod_lines.h", "host/cli/cli.h"):
            self.write(name, "")
        for name, text in files.items():
            self.write(name, text)
        return layers.findings(self.folder)

    def test_what_points_forward_passes(self):
        found = self.tree(**{
            "firmware/core/a.c": '#include "firmware/core/err.h"\n#include <string.h>\n',
            "firmware/store/b.c": '#include "firmware/core/err.h"\n#include "hal/lines.h"\n',
            "firmware/door/c.c": '#include "firmware/store/store.h"\n#include <stdio.h>\n'
                                 '#include "hal/gpiod/gpiod_lines.h"\n',
            "hal/gpiod/d.c": '#include "hal/lines.h"\n#include "firmware/core/err.h"\n',
        })
        self.assertEqual(found, [])

    def test_what_points_back_is_seen(self):
        back = {
            "firmware/core/a.c": '"hal/lines.h"',
            "firmware/core/b.h": '"firmware/store/store.h"',
            "firmware/store/c.c": '"firmware/door/door.h"',
            "firmware/store/d.c": '"hal/gpiod/gpiod_lines.h"',
            "firmware/reader/e.c": '"firmware/door/door.h"',
            "hal/gpiod/f.c": '"firmware/store/store.h"',
            "hal/g.h": '"hal/gpiod/gpiod_lines.h"',
            "firmware/door/h.c": '"host/cli/cli.h"',
            "firmware/link/i.def": '"firmware/door/door.h"',
            "firmware/store/j.c.in": '"host/cli/cli.h"',
        }
        for path, name in back.items():
            with self.subTest(path):
                found = self.tree(**{path: f"/* first */\n#  include {name}\n"})
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{path}:2: "), found[0])
                os.remove(os.path.join(self.folder, path))

    def test_the_core_asks_for_no_library(self):
        for name in ("stdio.h", "time.h", "stdlib.h", "unistd.h"):
            found = self.tree(**{"firmware/core/a.c": f"#include <{name}>\n"})
            self.assertEqual(found, [f"firmware/core/a.c:1: the core may not include <{name}>"])

    def test_paths_are_from_the_root(self):
        for name in ('"err.h"', '"../core/err.h"', "<firmware/core/err.h>"):
            found = self.tree(**{"firmware/core/a.c": f"#include {name}\n"})
            self.assertEqual(len(found), 1, name)

    def test_a_new_folder_needs_a_layer(self):
        found = self.tree(**{"firmware/extra/a.c": ""})
        self.assertEqual(found, ["firmware/extra/a.c: belongs to no layer"])


class Form(Bench):
    def setUp(self):
        super().setUp()
        with open(os.path.join(ROOT, ".clang-format"), encoding="utf-8") as file:
            self.write(".clang-format", file.read())

    def test_good_form_passes(self):
        path = self.write("good.c", "int f(int a)\n{\n\treturn a + 1;\n}\n")
        self.assertEqual(form.findings([path]), [])

    def test_spaces_for_tabs_are_seen(self):
        path = self.write("bad.c", "int f(int a)\n{\n    return a+1;\n}\n")
        self.assertIn("bad.c:3:", "".join(form.findings([path])))

    def test_every_file_is_looked_at(self):
        files = list(form.sources(ROOT))
        for name in ("firmware/core/decide.c", "hal/lines.h", "tests/lib/random.h"):
            self.assertIn(os.path.join(ROOT, name), files)


class Bilingual(Bench):
    def found(self, call):
        self.write("firmware/config/a.c", f"/* \"first\" */\nint f(void)\n{{\n\treturn {call};\n}}\n")
        return bilingual.findings(self.folder)

    def test_what_stands_in_both_languages_passes(self):
        for call in (
            'lq_complain(error, g(1, "a, b"), "%s: there is none", "%s : il n’y en a pas", name)',
            'lq_complain(error, 0, "a number to %" PRIu32 " was expected",\n"il faut un nombre jusqu’à %" PRIu32, 5)',
            'lq_in(language, "%s: %s", "%s : %s")',
            'lq_tr(cli, "see https://example.org", "voir « https://example.org »")',
            'lq_tr(cli, "ZONE", "ZONE")',
            "lq_in(language, en, fr)",
        ):
            with self.subTest(call):
                self.assertEqual(self.found(call), [])

    def test_what_stands_in_one_only_is_seen(self):
        for call in (
            'lq_complain(error, 0, "there is none", "")',
            'lq_complain(error, 0, "there is none", "there is none")',
            'lq_complain(error, 0, "%s: there is none", "%s", name)',
            'lq_complain(error, 0, "there is none", TEXT)',
            'lq_in(language, "there is none", "")',
            'lq_tr(cli, "there is none", "there is none")',
        ):
            with self.subTest(call):
                self.assertEqual(len(self.found(call)), 1)
                self.assertTrue(self.found(call)[0].startswith("firmware/config/a.c:4: "))

    def test_typography_that_is_not_french_is_seen(self):
        for french in ("il n'y en a pas", "%s: rien", "rien; tout", "quoi?", "«rien»", '\\"rien\\"'):
            with self.subTest(french):
                self.assertEqual(len(self.found(f'lq_in(language, "nothing at all", "{french}")')), 1)


class Features(Bench):
    def found(self, see, here="yes", text=""):
        for page in features.PAGES:
            self.write(page, "")
        self.write("host/demo", "")
        self.write("firmware/systemd/a.service.in", "PrivateNetwork=yes\n")
        self.write("ARCHITECTURE.md", f"{text}\n{features.TABLE}, and more\n\n| feature | here | see it |\n"
                                      f"|---|---|---|\n| a thing | {here} | {see}{' ' if see else ''}|\n\nend\n")
        return features.findings(features.There(
            self.folder, {"unit.door.rules"}, {"passback"}, {"door.alarm"}, {"health"},
            lambda words: words[0] == "open"))

    def test_what_is_there_passes(self):
        for see in ("`unit.door.rules`", "`loquet open`", "`passback`", "`passback = hard`", "`door.alarm`",
                    "the topic `health`", "`host/demo`", "the unit's `PrivateNetwork=yes`"):
            with self.subTest(see):
                self.assertEqual(self.found(see), [])
        self.assertEqual(self.found("", "no: for a reason"), [])

    def test_what_is_not_there_is_seen(self):
        for see in ("`unit.door.ruels`", "`loquet shut`", "`passbakc`", "`door.alrm`", "the topic `helath`",
                    "`host/dmeo`", "`PrivateNetwork=no`", "`passback`, `loquet shut`"):
            with self.subTest(see):
                self.assertEqual(len(self.found(see)), 1)
        self.assertEqual(len(self.found("")), 1)
        self.assertEqual(len(self.found("", "nothing of the kind")), 1)

    def test_a_test_named_anywhere_has_to_be_there(self):
        self.assertEqual(self.found("`passback`", text="See `unit.door.rules`."), [])
        self.assertEqual(len(self.found("`passback`", text="See `unit.door.gone`.")), 1)


class Lint(Bench):
    def findings(self, text):
        path = self.write("x.c", text)
        config = f"--config-file={ROOT}/.clang-tidy"
        return lint.findings_of(path, [config], ["--", "-std=c11"])

    def test_good_code_passes(self):
        self.assertEqual(self.findings("int f(int a);\nint f(int a)\n{\n\treturn a;\n}\n"), [])

    def test_a_null_dereference_is_seen(self):
        found = self.findings("int f(int a)\n{\n\tint *p = 0;\n\treturn a + *p;\n}\n")
        self.assertIn("clang-analyzer-core.NullDereference", "".join(found))

    def test_a_bare_branch_is_seen(self):
        found = self.findings("int f(int a)\n{\n\tif (a)\n\t\treturn 1;\n\treturn 2;\n}\n")
        self.assertIn("readability-braces-around-statements", "".join(found))

    def test_a_function_too_long_is_seen(self):
        body = "\ta = a * 2 + 1;\n" * 80
        found = self.findings(f"int f(int a)\n{{\n{body}\treturn a;\n}}\n")
        self.assertIn("readability-function-size", "".join(found))

    def test_code_that_does_not_compile_is_no_pass(self):
        self.assertNotEqual(self.findings("int f(\n"), [])

    def project(self, text, comment="", clone="a"):
        """Findings in a project of one file, with the notes of earlier ones."""
        with open(os.path.join(ROOT, ".clang-tidy"), encoding="utf-8") as file:
            self.write(f"{clone}/.clang-tidy", file.read() + comment)
        self.write(f"{clone}/x.c", text)
        root = os.path.join(self.folder, clone)
        build = os.path.join(root, "build")
        row = {"directory": build, "file": "../x.c", "command": f"cc -I{root} -o x.o -c ../x.c"}
        self.write(f"{clone}/build/compile_commands.json", json.dumps([row]))
        return lint.findings(root, build, self.notes)

    @property
    def notes(self):
        return os.path.join(self.folder, "notes")

    def test_a_clean_file_is_looked_at_again_when_it_changes(self):
        bad = "int f(int a)\n{\n\tif (a)\n\t\treturn 1;\n\treturn 2;\n}\n"
        good = "int f(int a)\n{\n\treturn a;\n}\n"
        for text, count in ((good, 0), (good, 0), (bad, 1), (bad, 1), (good, 0)):
            found = self.project(text)
            self.assertEqual(len(found), count, found)

    def built(self):
        """Has ninja compile the project, so that it knows what x.c includes; whether it is asked."""
        root = os.path.join(self.folder, "a")
        self.write("a/build/build.ninja",
                   "rule cc\n  command = cc -I.. -MD -MF $out.d -o $out -c $in\n  depfile = $out.d\n"
                   "  deps = gcc\nbuild x.o: cc ../x.c\n")
        subprocess.run(["ninja", "--quiet", "-C", os.path.join(root, "build")], check=True)
        build = os.path.join(root, "build")
        (command,) = lint.sources(root, build).values()
        return bool(lint.compiled_from(command, lint.dependencies(build), lint.Contents()))

    def test_a_changed_header_is_looked_at_again_built_or_not(self):
        text = '#include "x.h"\nint f(int a);\nint f(int a)\n{\n\tint *p = AT;\n\treturn *p;\n}\n'
        for build in (True, False):
            with self.subTest(build=build):
                self.write("a/x.h", "#define AT &a\n")
                self.assertEqual(self.project(text), [])
                self.assertTrue(self.built())
                self.assertEqual(self.project(text.rstrip()), [])  # newer than what was built
                self.assertTrue(self.built())
                self.assertEqual(lint.findings(*self.places), [])
                self.write("a/x.h", "#define AT 0\n")
                if build:
                    self.assertTrue(self.built())
                self.assertEqual(len(lint.findings(*self.places)), 1)

    @property
    def places(self):
        return os.path.join(self.folder, "a"), os.path.join(self.folder, "a/build"), self.notes

    def test_what_silences_a_finding_is_part_of_the_text(self):
        silenced = "int f(int a)\n{\n\tif (a) // NOLINT\n\t\treturn 1;\n\treturn 2;\n}\n"
        self.assertEqual(self.project(silenced), [])
        self.assertEqual(len(self.project(silenced.replace(" // NOLINT", ""))), 1)

    def test_new_rules_look_at_everything_again(self):
        text = "int f(int a)\n{\n\treturn a;\n}\n"
        for rules, clone, notes in (("", "a", 1), ("", "b", 1), ("# other\n", "a", 2)):
            self.assertEqual(self.project(text, rules, clone), [])
            self.assertEqual(len(os.listdir(self.notes)), notes)

    def test_a_note_that_no_run_meets_is_forgotten(self):
        self.project("int f(int a)\n{\n\treturn a;\n}\n")
        (note,) = os.listdir(self.notes)
        os.utime(os.path.join(self.notes, note), (0, 0))
        self.project("int g(int a)\n{\n\treturn a;\n}\n")
        self.assertNotIn(note, os.listdir(self.notes))

    def test_no_build_is_no_pass(self):
        self.write("compile_commands.json", "[]")
        with self.assertRaises(RuntimeError):
            lint.findings(ROOT, self.folder, self.notes)


class Exits(Bench):
    """As ctest runs them."""

    def status(self, script, *arguments):
        command = [sys.executable, os.path.join(ROOT, "tests/tidy", script), *arguments]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        self.assertNotIn("Traceback", done.stderr)
        return done.returncode, done.stderr

    def test_a_finding_is_a_failure_with_its_text(self):
        self.write("firmware/core/a.c", '#include "hal/lines.h"\n')
        self.write("hal/lines.h", "")
        status, text = self.status("layers.py", self.folder)
        self.assertEqual(status, 1)
        self.assertIn("firmware/core may not include hal", text)

    def test_nothing_found_is_a_success(self):
        self.assertEqual(self.status("layers.py", self.folder), (0, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
