"""The least that a build backend has to be (PEP 517): it packs the one package beside it into a wheel."""

import base64
import hashlib
import os
import zipfile

NAME = "flotilla_sample_source"
VERSION = "1.0"
DIST_INFO = NAME + "-" + VERSION + ".dist-info"
WHEEL = "Wheel-Version: 1.0\nGenerator: sample_backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    filename = NAME + "-" + VERSION + "-py3-none-any.whl"
    record = []
    with zipfile.ZipFile(os.path.join(wheel_directory, filename), "w") as wheel:
        for path in sorted(os.listdir(NAME)):
            if path.endswith(".py"):
                add(wheel, record, NAME + "/" + path, read(os.path.join(NAME, path)))
        add(wheel, record, DIST_INFO + "/METADATA", read("PKG-INFO"))
        add(wheel, record, DIST_INFO + "/WHEEL", WHEEL.encode("utf-8"))
        record.append(DIST_INFO + "/RECORD,,")
        wheel.writestr(DIST_INFO + "/RECORD", "\n".join(record) + "\n")
    return filename


def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError("this is a source archive already")


def add(wheel, record, path, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
    wheel.writestr(path, content)
    record.append("%s,sha256=%s,%d" % (path, digest, len(content)))


def read(path):
    with open(path, "rb") as file:
        return file.read()
