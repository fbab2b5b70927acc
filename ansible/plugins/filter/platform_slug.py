"""The slug of a platform: the same as in Java and in shells, by the vectors of docs/reference/platform-slugs.tsv."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.errors import AnsibleFilterError

DISTRIBUTIONS = {
    "alma": "almalinux",
    "alpine-linux": "alpine",
    "amazon-linux": "amazon",
    "amzn": "amazon",
    "arch": "archlinux",
    "arch-linux": "archlinux",
    "centos-linux": "centos",
    "centos-stream": "centos",
    "debian-gnu-linux": "debian",
    "fedora-linux": "fedora",
    "ol": "oracle",
    "oracle-linux": "oracle",
    "oracle-linux-server": "oracle",
    "oraclelinux": "oracle",
    "opensuse": "opensuse-leap",
    "red-hat-enterprise-linux": "rhel",
    "redhat": "rhel",
    "rocky-linux": "rocky",
    "rockylinux": "rocky",
}
ARCHITECTURES = {
    "amd64": "x86_64",
    "x64": "x86_64",
    "arm64": "aarch64",
    "ppc64el": "ppc64le",
    "armhf": "armv7l",
    "i386": "i686",
    "i586": "i686",
}
PARTS = {"alpine": 2, "openeuler": 2, "opensuse-leap": 2, "sles": 2, "ubuntu": 2}
WITHOUT_VERSION = frozenset(["archlinux", "gentoo", "opensuse-tumbleweed", "void"])
LONGEST = 64


def platform_slug(distribution, version, architecture):
    """Raises AnsibleFilterError where the words name no platform that has a slug."""
    words = re.sub(r"[\s_-]+", "-", str(distribution).strip().lower().replace("/", " "))
    name = DISTRIBUTIONS.get(words, words)
    machine = str(architecture).strip().lower().replace("-", "_")
    machine = ARCHITECTURES.get(machine, machine)
    release = str(version).strip().lower()
    if name in WITHOUT_VERSION:
        release = "rolling"
    elif re.match(r"[0-9]+(\.[0-9]+)*\Z", release) and len(release.split(".")) >= PARTS.get(name, 1):
        release = ".".join(release.split(".")[: PARTS.get(name, 1)])
    else:
        release = ""
    slug = "-".join([name, release, machine])
    if (
        not release
        or not re.match(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z", name)
        or not re.match(r"[a-z0-9_]+\Z", machine)
        or len(slug) > LONGEST
    ):
        raise AnsibleFilterError(
            "no platform that has a slug: distribution %r, version %r, architecture %r"
            % (distribution, version, architecture)
        )
    return slug


def platform_slug_or_none(distribution, version, architecture):
    """The slug, or an empty text where there is none."""
    try:
        return platform_slug(distribution, version, architecture)
    except AnsibleFilterError:
        return ""


class FilterModule(object):
    """The filters of the collection."""

    def filters(self):
        return {"platform_slug": platform_slug, "platform_slug_or_none": platform_slug_or_none}
