"""What pip makes of two files that both have a [global]: a key of the later one takes the place of the earlier one's, its whole list."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import ast
import re

MARK = "# The next line is of the Ansible role flotilla.ci.ci_worker"
KEY = re.compile(r"([ \t]*)(?:--)?trusted[-_]host[ \t]*[=:]", re.IGNORECASE)
OURS = re.compile(r"\r?\n[ \t]+%s\r?\n[ \t]+[^\r\n]*" % re.escape(MARK))
# pip's commands that ask an index. What stands in a section of theirs goes over [global].
SECTIONS = ("global", "download", "index", "install", "wheel")


def _value(text, key):
    """Of a pip.conf as a mirror writes it, with each value on one line."""
    found = re.search(r"(?m)^%s = (.*)$" % re.escape(key), text)
    return found.group(1).strip() if found else ""


def pip_unmerged(text):
    """The administrator's pip.conf as it was before, to the byte."""
    return OURS.sub("", text)


def pip_merged(text, ours):
    """The administrator's pip.conf, in which each list of trusted hosts has that of our pip.conf, too."""
    before = pip_unmerged(text)
    host = _value(ours, "trusted-host")
    if not host:
        return before
    lines = before.splitlines(True)
    merged = []
    option = None  # how far the option is indented of which the lines are, as configparser has it
    for number, line in enumerate(lines):
        merged.append(line)
        words = line.strip()
        if not words or words[0] in "#;":
            continue
        indent = len(line) - len(line.lstrip())
        if option is not None and indent > option:
            continue
        option = None if words.startswith("[") else indent
        key = KEY.match(line)
        if key and host not in _hosts(lines, number, indent):
            bare = line.rstrip("\r\n")
            space = key.group(1) + "    "
            merged[-1] = bare + "\n" + space + MARK + "\n" + space + host + line[len(bare) :]
    return "".join(merged)


def _hosts(lines, number, indent):
    words = re.split(r"[=:]", lines[number], maxsplit=1)[1].split()
    for line in lines[number + 1 :]:
        text = line.strip()
        if text and text[0] not in "#;":
            if len(line) - len(line.lstrip()) <= indent:
                break
            words += text.split()
    return words


def pip_contradictions(listed, ours):
    """What is other in the output of ``pip config list`` than our pip.conf has it: texts for people, none where all is well."""
    values = {}
    for line in listed.splitlines():
        name, equals, value = line.partition("=")
        if equals and "." in name:
            values[name] = ast.literal_eval(value)
    index, host = _value(ours, "index-url"), _value(ours, "trusted-host")
    wrong = []
    for section in SECTIONS:
        found = values.get(section + ".index-url", index if section != "global" else "")
        if found != index:
            wrong.append("%s.index-url is '%s'" % (section, found))
        trusted = values.get(section + ".trusted-host", host if section != "global" else "")
        if host and host not in trusted.split():
            wrong.append("%s.trusted-host is '%s'" % (section, trusted))
        if str(values.get(section + ".no-index", "")).lower() in ("1", "true", "yes", "on"):
            wrong.append("%s.no-index is set" % section)
    return wrong


class FilterModule(object):
    """The filters of the collection."""

    def filters(self):
        return {"pip_merged": pip_merged, "pip_unmerged": pip_unmerged, "pip_contradictions": pip_contradictions}
