"""Says what Python's own packaging thinks of the cases on standard input: for each one a list, an answer of each copy that is there."""
import importlib
import json
import sys

COPIES = []
for name in ("packaging", "pip._vendor.packaging"):
    try:
        COPIES.append({part: importlib.import_module(name + "." + part)
                       for part in ("version", "specifiers", "markers", "requirements")})
    except ImportError:
        pass


def specifiers(copy, text):
    # One by one: old copies take what is none for a specifier of their own old kind.
    return [copy["specifiers"].Specifier(one.strip()) for one in text.split(",") if one.strip()]


def written(copy, one):
    if one.operator == "===" or one.version.endswith(".*"):
        return one.operator + one.version
    return one.operator + str(copy["version"].Version(one.version))


def answer(copy, case):
    kind = case["kind"]
    try:
        if kind == "version":
            return str(copy["version"].Version(case["text"]))
        if kind == "order":
            one, other = copy["version"].Version(case["one"]), copy["version"].Version(case["other"])
            return -1 if one < other else 1 if one > other else 0
        if kind == "contains":
            version = copy["version"].Version(case["version"])
            return all(one.contains(version, prereleases=True) for one in specifiers(copy, case["text"]))
        if kind == "marker":
            return bool(copy["markers"].Marker(case["text"]).evaluate(case["environment"]))
        if kind == "requirement":
            found = copy["requirements"].Requirement(case["text"])
            return " ".join([found.name.lower(), ",".join(sorted(found.extras)).lower(),
                             ",".join(sorted(written(copy, one) for one in specifiers(copy, str(found.specifier)))),
                             found.url or "", "marked" if found.marker else ""])
    except ValueError:
        return "refused"
    except Exception as failure:
        if type(failure).__name__ in ("UndefinedComparison", "UndefinedEnvironmentName"):
            return "undefined"
        raise


cases = json.load(sys.stdin)["cases"]
json.dump({"answers": [[answer(copy, case) for copy in COPIES] for case in cases]}, sys.stdout)
