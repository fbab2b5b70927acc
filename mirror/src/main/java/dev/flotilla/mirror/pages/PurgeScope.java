package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.simple.ProvenancePath;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.vocabulary.ProjectName;

/** Which pages are to be purged. */
public sealed interface PurgeScope {
    /** Every page, the list of all projects included. */
    record All() implements PurgeScope {}

    /** The pages of all projects whose names, in their normal form, begin so. */
    record Prefix(String text) implements PurgeScope {
        private static final int LONGEST = 200;

        public Prefix {
            if (text.isEmpty()
                    || text.length() > LONGEST
                    || text.charAt(0) == '-'
                    || !text.chars().allMatch(Prefix::mayStand)) {
                throw new IllegalArgumentException("no beginning of a project's name in normal form: '"
                        + (text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text)
                        + "' (a-z, 0-9 and '-' stand in them)");
            }
        }

        private static boolean mayStand(int c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        }
    }

    /** The page of one project. */
    record Project(ProjectName name) implements PurgeScope {}

    /** Whether the page is among them. */
    default boolean covers(PageKey key) {
        return switch (key) {
            case PageKey.RootList() -> this instanceof All;
            case PageKey.Project(ProjectName project) -> covers(project);
            case PageKey.Provenance(ProvenancePath path) -> covers(path.project());
        };
    }

    /** Whether what belongs to the project is among them. */
    default boolean covers(ProjectName project) {
        return switch (this) {
            case All() -> true;
            case Prefix(String text) -> project.normal().startsWith(text);
            case Project(ProjectName name) -> name.equals(project);
        };
    }

    /** What {@link #shown} gives, back again; everything, where that is not understood: then nothing is left that should go. */
    static PurgeScope ofShown(String text) {
        try {
            return switch (text.substring(0, Math.max(0, text.indexOf(' ')))) {
                case "prefix" -> new Prefix(text.substring("prefix ".length()));
                case "project" -> new Project(ProjectName.of(text.substring("project ".length())));
                default -> new All();
            };
        } catch (IllegalArgumentException newer) {
            return new All();
        }
    }

    /** As it stands in logs and answers. */
    default String shown() {
        return switch (this) {
            case All() -> "all";
            case Prefix(String text) -> "prefix " + text;
            case Project(ProjectName name) -> "project " + name;
        };
    }
}
