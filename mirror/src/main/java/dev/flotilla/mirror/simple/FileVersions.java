package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which of a project's versions its files belong to, by their names (PEP 427, 440, 625, 700). Pure. */
final class FileVersions {
    /** PEP 440, appendix B, without white space. */
    private static final Pattern VERSION = Pattern.compile("v?(?:([0-9]+)!)?([0-9]+(?:\\.[0-9]+)*)"
            + "(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]+)?)?"
            + "(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]+)?)?"
            + "(?:[-_.]?(dev)[-_.]?([0-9]+)?)?"
            + "(?:\\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?");

    private static final Pattern SEPARATORS = Pattern.compile("[-_.]+");
    private static final Pattern TRAILING_ZEROS = Pattern.compile("(\\.0+)+$");
    private static final Pattern LEADING_ZEROS = Pattern.compile("(?<![0-9])0+(?=[0-9])");

    private final ProjectName project;
    private final Set<String> listed;

    private FileVersions(ProjectName project, Set<String> listed) {
        this.project = project;
        this.listed = listed;
    }

    /**
     * The versions of {@code page} that still have a file when only {@code shown} of its files are shown, and those that had
     * none before. All of them where a shown file fits none: every file has to have its version on the list (PEP 700).
     */
    static List<String> left(ProjectPage page, Collection<ProjectFile> shown) {
        var listed = new HashSet<String>();
        page.versions().forEach(version -> listed.add(key(version)));
        var versions = new FileVersions(page.name(), listed);
        var have = new HashSet<String>();
        for (var file : shown) {
            var version = versions.of(file.filename());
            if (version.isEmpty()) {
                return page.versions();
            }
            have.add(version.get());
        }
        var had = new HashSet<String>();
        page.files().forEach(file -> versions.of(file.filename()).ifPresent(had::add));
        return page.versions().stream()
                .filter(version -> have.contains(key(version)) || !had.contains(key(version)))
                .toList();
    }

    /** Which file names belong to {@code version}, whether {@code page} lists that or not. */
    static Predicate<String> filesOf(ProjectPage page, String version) {
        var listed = new HashSet<String>();
        page.versions().forEach(one -> listed.add(key(one)));
        listed.add(key(version));
        var versions = new FileVersions(page.name(), listed);
        Optional<String> sought = Optional.of(key(version));
        return filename -> versions.of(filename).equals(sought);
    }

    /** The listed version to which a file of this name belongs; empty where none is plain. */
    private Optional<String> of(String filename) {
        return FileName.afterProject(project, filename)
                .flatMap(rest -> FileName.isWheel(filename)
                        ? ofWheel(rest.substring(0, Math.max(0, rest.indexOf('-'))))
                        : longest(FileName.withoutEnding(rest)));
    }

    /** Old builders wrote an underscore for the plus of a local version. */
    private Optional<String> ofWheel(String written) {
        return known(written).or(() -> known(written.replaceFirst("_", "+")));
    }

    /** The longest version that {@code rest} begins with: a platform may follow, or the version of the interpreter. */
    private Optional<String> longest(String rest) {
        for (int end = rest.length(); end > 0; end--) {
            if (end == rest.length() || "-._".indexOf(rest.charAt(end)) >= 0) {
                var version = known(rest.substring(0, end));
                if (version.isPresent()) {
                    return version;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<String> known(String written) {
        return Optional.of(key(written)).filter(listed::contains);
    }

    /** The same text for all spellings of one version; what is no version by PEP 440 stands for itself. */
    static String key(String written) {
        String lower = written.strip().toLowerCase(Locale.ROOT);
        Matcher parts = VERSION.matcher(lower);
        if (lower.length() > FileName.LONGEST || !parts.matches()) {
            return SEPARATORS.matcher(lower).replaceAll(".");
        }
        var key = new StringBuilder(lower.length() + 4);
        number(key, "", parts.group(1));
        key.append('!').append(TRAILING_ZEROS.matcher(plain(parts.group(2))).replaceFirst(""));
        if (parts.group(3) != null) {
            number(
                    key,
                    switch (parts.group(3)) {
                        case "a", "alpha" -> "a";
                        case "b", "beta" -> "b";
                        default -> "rc";
                    },
                    parts.group(4));
        }
        if (parts.group(5) != null || parts.group(6) != null) {
            number(key, ".post", parts.group(5) != null ? parts.group(5) : parts.group(7));
        }
        if (parts.group(8) != null) {
            number(key, ".dev", parts.group(9));
        }
        if (parts.group(10) != null) {
            key.append('+').append(SEPARATORS.matcher(parts.group(10)).replaceAll("."));
        }
        return key.toString();
    }

    private static void number(StringBuilder key, String before, @Nullable String digits) {
        key.append(before).append(digits == null ? "0" : plain(digits));
    }

    private static String plain(String digits) {
        return LEADING_ZEROS.matcher(digits).replaceAll("");
    }
}
