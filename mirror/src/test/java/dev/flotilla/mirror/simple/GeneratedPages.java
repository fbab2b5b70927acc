package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Pages with everything that a page can have, from a generator of random numbers with a fixed seed. */
final class GeneratedPages {
    private static final String[] NAME_PIECES = {
        "foo", "Bar", "z", "0", "9", "_", ".", "-", "+", "!", "~", " ", "(", ")", ",", "=", "@"
    };
    private static final String[] ENDINGS = {
        ".whl", ".tar.gz", ".zip", ".egg", ".exe", ".tar.bz2", ".txt", "-variants.json", ""
    };
    private static final String[] PROSE = {
        "broken",
        " ",
        "\n",
        "\r\n",
        "\t",
        "<b>",
        "&amp;",
        "&",
        "\"",
        "'",
        "\u00e9",
        "\u20ac",
        "\ud83d\ude00",
        "=",
        ">=3.8",
        "\u2028",
        "&#0;",
        "-->",
        "</a>",
        "\ufffd",
        "\u00a0"
    };

    private GeneratedPages() {}

    /** Any page, as long as all of it can be rendered in JSON. */
    static ProjectPage page(RandomGenerator random) {
        var filenames = new HashSet<String>();
        var files = new ArrayList<ProjectFile>();
        for (int i = random.nextInt(8); i > 0; i--) {
            ProjectFile file = file(random);
            if (filenames.add(file.filename())) {
                files.add(file);
            }
        }
        var versions = new LinkedHashSet<String>();
        for (int i = random.nextInt(4); i > 0; i--) {
            versions.add(random.nextInt(20) + "." + random.nextInt(20));
        }
        return new ProjectPage(
                ProjectName.of("foo-" + random.nextInt(100)),
                files,
                List.copyOf(versions),
                maybe(random, status(random)),
                unknown(random),
                unknown(random));
    }

    private static ProjectFile file(RandomGenerator random) {
        String filename = filename(random);
        boolean pypi = random.nextBoolean();
        Digests hashes = hashes(random);
        if (!pypi && hashes.sha256().isEmpty()) {
            hashes = hashes.with("sha256", hex(random, 64));
        }
        return new ProjectFile(
                filename,
                location(random, filename, pypi),
                hashes,
                maybe(random, ">=3." + random.nextInt(14) + ",<4,!=3." + random.nextInt(9) + ".*"),
                random.nextInt(3) > 0 ? Yanked.no() : Yanked.because(random.nextBoolean() ? "" : prose(random)),
                filename.endsWith(".whl") && random.nextBoolean()
                        ? CoreMetadata.present(hashes(random))
                        : CoreMetadata.absent(),
                random.nextInt(4) == 0 ? OptionalLong.empty() : OptionalLong.of(random.nextLong(Long.MAX_VALUE)),
                maybe(
                        random,
                        "2024-0%d-1%dT23:59:0%d.%06dZ"
                                .formatted(
                                        1 + random.nextInt(9),
                                        random.nextInt(9),
                                        random.nextInt(10),
                                        random.nextInt(1_000_000))),
                maybe(
                        random,
                        Location.of(
                                URI.create("https://index.example/integrity/foo/" + hex(random, 4) + "/provenance"))),
                maybe(random, false),
                unknown(random));
    }

    private static Location location(RandomGenerator random, String filename, boolean pypi) {
        String host = (random.nextBoolean() ? "https://files.example" : "http://127.0.0.1:8080");
        String digest = hex(random, 64);
        String folder = pypi
                ? "/packages/" + digest.substring(0, 2) + "/" + digest.substring(2, 4) + "/" + digest.substring(4) + "/"
                : "/some/where%20else/";
        String query = !pypi && random.nextInt(4) == 0 ? "?signature=%2Babc&expires=1" : "";
        return Location.of(URI.create(host + folder + FileName.toPath(filename) + query));
    }

    static String filename(RandomGenerator random) {
        while (true) {
            var name = new StringBuilder();
            for (int i = random.nextInt(8); i >= 0; i--) {
                name.append(NAME_PIECES[random.nextInt(NAME_PIECES.length)]);
            }
            name.append(ENDINGS[random.nextInt(ENDINGS.length)]);
            if (FileName.isValid(name.toString())) {
                return name.toString();
            }
        }
    }

    static String hex(RandomGenerator random, int digits) {
        var hex = new StringBuilder();
        while (hex.length() < digits) {
            hex.append("0123456789abcdef".charAt(random.nextInt(16)));
        }
        return hex.toString();
    }

    static String prose(RandomGenerator random) {
        var prose = new StringBuilder("x");
        for (int i = random.nextInt(8); i > 0; i--) {
            prose.append(PROSE[random.nextInt(PROSE.length)]);
        }
        return prose.toString();
    }

    private static Digests hashes(RandomGenerator random) {
        SortedMap<String, String> hashes = new TreeMap<>();
        if (random.nextBoolean()) {
            hashes.put("sha256", hex(random, 64));
        }
        if (random.nextInt(4) == 0) {
            hashes.put("md5", hex(random, 32));
        }
        if (random.nextInt(4) == 0) {
            hashes.put("blake2b", hex(random, 128));
        }
        return Digests.of(hashes);
    }

    private static ProjectStatus status(RandomGenerator random) {
        String[] statuses = {"active", "archived", "deprecated", "haunted \u00e9"};
        return new ProjectStatus(
                statuses[random.nextInt(statuses.length)], maybe(random, prose(random)), unknown(random));
    }

    private static SortedMap<String, JsonText> unknown(RandomGenerator random) {
        SortedMap<String, JsonText> unknown = new TreeMap<>();
        for (int i = random.nextInt(6) - 3; i > 0; i--) {
            unknown.put("x-" + random.nextInt(10) + "\u00e9", JsonText.of(json(random, 3)));
        }
        return unknown;
    }

    private static String json(RandomGenerator random, int depth) {
        return switch (random.nextInt(depth == 0 ? 6 : 8)) {
            case 0 -> "null";
            case 1 -> "true";
            case 2 -> "-12345678901234567890";
            case 3 -> "1.50e+300";
            case 4 -> "\"\\ud83d\\ude00 \\\" \\\\ \\n \\ud800\"";
            case 5 -> "[]";
            case 6 -> "[" + json(random, depth - 1) + " , " + json(random, depth - 1) + "]";
            default -> "{\"a\": " + json(random, depth - 1) + ", \"\": {} }";
        };
    }

    private static <T> Optional<T> maybe(RandomGenerator random, T value) {
        return random.nextBoolean() ? Optional.of(value) : Optional.empty();
    }
}
