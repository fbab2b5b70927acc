package dev.flotilla.controller.wheels.requirement;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which versions are meant (PEP 440, "Version specifiers"), such as {@code >=1.2,!=1.5.*}; none means all. What is written as {@code ===}
 * is compared letter by letter. Immutable.
 */
public final class VersionSpecifiers {
    /** All versions. */
    public static final VersionSpecifiers ANY = new VersionSpecifiers(List.of());

    private static final int LONGEST = 4096;
    private static final Pattern ONE = Pattern.compile("\\s*(===|~=|==|!=|<=|>=|<|>)\\s*([^\\s;)]+)\\s*");
    private static final Pattern PREFIX =
            Pattern.compile("v?(?:([0-9]{1,18})!)?([0-9]{1,18}(?:\\.[0-9]{1,18})*)\\.\\*");

    private final List<Clause> clauses;

    private VersionSpecifiers(List<Clause> clauses) {
        this.clauses = List.copyOf(clauses);
    }

    private sealed interface Clause {
        boolean contains(Version version, String written);

        /** Whether whoever wrote this means versions before a release, too. */
        boolean namesPrerelease();

        /** The one version that fits; empty where several may. */
        Optional<String> pin();
    }

    private record Than(String operator, Version bound) implements Clause {
        @Override
        public boolean contains(Version version, String written) {
            Version open = version.withoutLocal();
            return switch (operator) {
                case "==" -> (bound.isLocal() ? version : open).equals(bound);
                case "!=" -> !(bound.isLocal() ? version : open).equals(bound);
                case "<=" -> open.compareTo(bound) <= 0;
                case ">=" -> open.compareTo(bound) >= 0;
                case "<" ->
                    version.compareTo(bound) < 0
                            && (bound.isPrerelease()
                                    || !version.isPrerelease()
                                    || version.compareTo(bound.firstOnTheWay()) < 0);
                case ">" ->
                    version.compareTo(bound) > 0
                            && (bound.isPostrelease()
                                    || !version.isPostrelease()
                                    || !version.withoutPost().equals(bound))
                            && !(version.isLocal() && open.equals(bound));
                case "~=" -> open.compareTo(bound) >= 0 && Beginning.of(bound).matches(version);
                default -> throw new IllegalStateException("no operator: " + operator);
            };
        }

        @Override
        public boolean namesPrerelease() {
            return !operator.equals("!=") && bound.isPrerelease();
        }

        @Override
        public Optional<String> pin() {
            return operator.equals("==") ? Optional.of(bound.toString()) : Optional.empty();
        }

        @Override
        public String toString() {
            return operator + bound;
        }
    }

    /** The epoch and the first numbers of a version. */
    private record Beginning(long epoch, List<Long> numbers) {
        /** That of {@code ~=}: all of them but the last. */
        static Beginning of(Version bound) {
            return new Beginning(
                    bound.epoch(), bound.release().subList(0, bound.release().size() - 1));
        }

        boolean matches(Version version) {
            List<Long> release = version.release();
            for (int i = 0; i < numbers.size(); i++) {
                if (!numbers.get(i).equals(i < release.size() ? release.get(i) : 0L)) {
                    return false;
                }
            }
            return version.epoch() == epoch;
        }
    }

    private record Prefix(boolean wanted, Beginning beginning, String text) implements Clause {
        @Override
        public boolean contains(Version version, String written) {
            return beginning.matches(version) == wanted;
        }

        @Override
        public boolean namesPrerelease() {
            return false;
        }

        @Override
        public Optional<String> pin() {
            return Optional.empty();
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private record Same(String text) implements Clause {
        @Override
        public boolean contains(Version version, String written) {
            return written.toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT));
        }

        @Override
        public boolean namesPrerelease() {
            return Version.parse(text).filter(Version::isPrerelease).isPresent();
        }

        @Override
        public Optional<String> pin() {
            return Optional.of(text);
        }

        @Override
        public String toString() {
            return "===" + text;
        }
    }

    /** Whether {@code text} is a set of them in one line, as clients read it. */
    public static boolean isPlain(String text) {
        try {
            parse(text);
            return text.chars().noneMatch(Character::isISOControl);
        } catch (IllegalArgumentException none) {
            return false;
        }
    }

    /** Reads them as they are written, joined by commas; {@link IllegalArgumentException} says which one is none. */
    public static VersionSpecifiers parse(String text) {
        if (text.isBlank()) {
            return ANY;
        }
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("version specifiers of more than " + LONGEST + " characters");
        }
        List<Clause> clauses = new ArrayList<>();
        for (String one : text.split(",", -1)) {
            // A comma at the end is what old metadata have.
            if (!one.isBlank() || clauses.isEmpty()) {
                clauses.add(clause(one));
            }
        }
        return new VersionSpecifiers(clauses);
    }

    private static Clause clause(String text) {
        Matcher parts = ONE.matcher(text);
        if (!parts.matches()) {
            throw none(text);
        }
        String operator = parts.group(1);
        String version = parts.group(2);
        if (operator.equals("===")) {
            return new Same(version);
        }
        Matcher prefix = PREFIX.matcher(version.toLowerCase(Locale.ROOT));
        boolean exact = operator.equals("==") || operator.equals("!=");
        if (exact && prefix.matches()) {
            long epoch = prefix.group(1) == null ? 0 : Long.parseLong(prefix.group(1));
            List<Long> numbers = List.of(prefix.group(2).split("\\.")).stream()
                    .map(Long::valueOf)
                    .toList();
            return new Prefix(operator.equals("=="), new Beginning(epoch, numbers), operator + version);
        }
        Version bound = Version.parse(version).orElseThrow(() -> none(text));
        boolean isOpen = operator.equals("~=") && bound.release().size() < 2;
        if (isOpen || (bound.isLocal() && !exact)) {
            throw none(text);
        }
        return new Than(operator, bound);
    }

    private static IllegalArgumentException none(String text) {
        return new IllegalArgumentException(
                "'" + text.strip() + "' is no version specifier (PEP 440), such as >=1.2 or ==1.2.*");
    }

    /** Whether this version is meant, before a release or not. */
    public boolean contains(Version version) {
        return contains(version, version.toString());
    }

    /** The same with the version as somebody has written it, which is what {@code ===} looks at. */
    public boolean contains(Version version, String written) {
        return clauses.stream().allMatch(clause -> clause.contains(version, written));
    }

    /** Whether versions before a release are meant without anybody asking for them: where one of these names such a version. */
    public boolean namesPrerelease() {
        return clauses.stream().anyMatch(Clause::namesPrerelease);
    }

    /** The only version that can be meant, as it is written; empty where there may be several. */
    public Optional<String> pin() {
        return clauses.stream().flatMap(clause -> clause.pin().stream()).findFirst();
    }

    /** These and those. */
    public VersionSpecifiers and(VersionSpecifiers others) {
        List<Clause> both = new ArrayList<>(clauses);
        others.clauses.stream().filter(clause -> !both.contains(clause)).forEach(both::add);
        return new VersionSpecifiers(both);
    }

    public boolean isAny() {
        return clauses.isEmpty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VersionSpecifiers specifiers && clauses.equals(specifiers.clauses);
    }

    @Override
    public int hashCode() {
        return clauses.hashCode();
    }

    @Override
    public String toString() {
        return clauses.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
