package dev.flotilla.controller.wheels.plan;

import dev.flotilla.controller.wheels.requirement.Requirement;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the files of a branch: requirements and constraints as pip has them (pip documentation, "Requirements File Format"), and lock files. What a
 * listed file names is wanted, whether it is called requirements or constraints; what it draws in with {@code -c} only constrains. No file is asked for
 * by a URL.
 */
final class BranchFiles {
    private static final ByteSize LARGEST = ByteSize.ofMiB(16);
    private static final int MOST_FILES = 200;

    private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*$");
    private static final Pattern INCLUDE =
            Pattern.compile("(-r|--requirement|-c|--constraint)(?:\\s*=\\s*|\\s+|(?<=-[rc]))(\\S.*)");
    private static final Pattern EDITABLE = Pattern.compile("(-e|--editable)\\b.*");

    /** They tell where from and how, and that is the fleet's to say. */
    private static final Pattern PASSED_OVER = Pattern.compile(
            "(-i|--index-url|--pypi-url|--extra-index-url|--no-index|-f|--find-links"
                    + "|--no-binary|--only-binary|--prefer-binary|--require-hashes|--pre|--trusted-host|--use-feature)\\b.*");

    private static final Pattern OPTIONS_OF_A_LINE = Pattern.compile("\\s--[a-z].*$");
    private static final Pattern PLACE =
            Pattern.compile("(?i)([.~/].*|[a-z][a-z+]*://.*|[a-z]+\\+[a-z]+:.*|\\S+\\.(whl|tar\\.gz|zip))");

    private final List<Requirement> wanted = new ArrayList<>();
    private final List<Requirement> constraints = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final Set<String> read = new HashSet<>();

    private BranchFiles() {}

    static Branch read(String name, List<Path> files) {
        var reader = new BranchFiles();
        files.forEach(file -> reader.read(file, true, file.toString()));
        return new Branch(name, reader.wanted, reader.constraints, reader.problems, reader.remarks);
    }

    private void read(Path file, boolean wanting, String from) {
        if (!read.add(wanting + " " + file.toAbsolutePath().normalize())) {
            return;
        }
        if (read.size() > MOST_FILES) {
            problems.add(from + ": more than " + MOST_FILES + " files of one branch");
            return;
        }
        Optional<List<String>> lines = lines(file, from);
        if (lines.isEmpty()) {
            return;
        }
        if (file.toString().endsWith(".lock") || file.toString().endsWith(".toml")) {
            LockFile.read(file, lines.get(), wanted, problems, remarks);
        } else {
            requirements(file, lines.get(), wanting);
        }
    }

    private Optional<List<String>> lines(Path file, String from) {
        try {
            if (Files.size(file) > LARGEST.bytes()) {
                problems.add(from + ": " + file + " is larger than " + LARGEST);
                return Optional.empty();
            }
            return Optional.of(Files.readAllLines(file));
        } catch (NoSuchFileException none) {
            problems.add(from + ": there is no file " + file);
        } catch (MalformedInputException notText) {
            problems.add(from + ": " + file + " is no text in UTF-8");
        } catch (IOException unreadable) {
            problems.add(from + ": " + file + " can't be read: " + unreadable.getMessage());
        }
        return Optional.empty();
    }

    private void requirements(Path file, List<String> lines, boolean wanting) {
        boolean hashes = false;
        for (int i = 0; i < lines.size(); i++) {
            String where = file + ":" + (i + 1);
            var whole = new StringBuilder(lines.get(i));
            while (whole.toString().endsWith("\\") && i + 1 < lines.size()) {
                whole.setLength(whole.length() - 1);
                whole.append(lines.get(++i));
            }
            String line = COMMENT.matcher(whole).replaceFirst("").strip();
            hashes |= line.contains("--hash=");
            if (!line.isEmpty()) {
                line(file, line, wanting, where);
            }
        }
        if (hashes) {
            remarks.add(file + ": it locks by hash; an install by these hashes takes no wheel that is built here");
        }
    }

    private void line(Path file, String line, boolean wanting, String where) {
        Matcher include = INCLUDE.matcher(line);
        if (include.matches()) {
            String named = include.group(2).strip().replaceAll("^[\"']|[\"']$", "");
            if (named.contains("://")) {
                problems.add(where + ": '" + named + "' is an address: only files are read here");
            } else {
                boolean constraint =
                        include.group(1).startsWith("-c") || include.group(1).startsWith("--c");
                read(file.resolveSibling(named).normalize(), wanting && !constraint, where);
            }
        } else if (EDITABLE.matcher(line).matches() || PLACE.matcher(line).matches()) {
            remarks.add(where + ": passed over, for it is no project of an index: " + line);
        } else if (PASSED_OVER.matcher(line).matches()) {
            remarks.add(where + ": passed over, for the fleet's own index is asked as it is: " + line);
        } else if (line.startsWith("-")) {
            problems.add(where + ": '" + line + "' is no option of a requirements file");
        } else {
            requirement(OPTIONS_OF_A_LINE.matcher(line).replaceFirst(""), wanting, where);
        }
    }

    private void requirement(String text, boolean wanting, String where) {
        try {
            Requirement requirement = Requirement.parse(text);
            if (requirement.url().isPresent()) {
                remarks.add(where + ": passed over, for it comes from an address of its own and not from the index: "
                        + requirement);
            } else {
                (wanting ? wanted : constraints).add(requirement);
            }
        } catch (IllegalArgumentException none) {
            problems.add(where + ": " + none.getMessage());
        }
    }
}
