package dev.flotilla.mirror.policy;

import dev.flotilla.vocabulary.PlatformSlug;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Optional;
import java.util.regex.Pattern;

/** How the index is looked at. Each view has one spelling. */
public sealed interface View {
    /** As it is now. */
    View PLAIN = new Plain();

    /** Whatever can be the name of a platform: one that nobody builds for is no error, and has no wheels. */
    Pattern PLATFORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** Whether it hides files that the index as it is shows: then files below it are looked for on its pages first. */
    boolean hides();

    /** The path below which everything of the view is, such as {@code /cooldown/7d}; empty for the index as it is. */
    String path();

    /**
     * The view that has {@code /kind/value} as its path; empty where none has: other words, leading zeros, a day that no
     * calendar has.
     */
    static Optional<View> parse(String kind, String value) {
        return switch (kind) {
            case Cooldown.KIND -> Cooldown.parse(value);
            case AsOf.KIND -> AsOf.parse(value);
            case Wheels.KIND -> platform(value).map(Wheels::new);
            case Overlay.KIND -> platform(value).map(Overlay::new);
            default -> Optional.empty();
        };
    }

    /** The name of a platform, known or not; empty where another spelling is the one of its view. */
    private static Optional<String> platform(String written) {
        return Optional.of(written)
                .filter(text -> PLATFORM.matcher(text).matches())
                .filter(text -> PlatformSlug.parse(text)
                        .map(slug -> slug.toString().equals(text))
                        .orElse(true));
    }

    /** The wheels that were built for the fleet and a platform, and nothing else. */
    record Wheels(String platform) implements View {
        /** The first segment of its path; the second one is the platform's slug. */
        public static final String KIND = "wheel";

        @Override
        public boolean hides() {
            return false;
        }

        @Override
        public String path() {
            return "/" + KIND + "/" + platform;
        }
    }

    /** As it is now, with these wheels where upstream has none that fits. */
    record Overlay(String platform) implements View {
        /** The first segment of its path; the second one is the platform's slug. */
        public static final String KIND = "overlay";

        @Override
        public boolean hides() {
            return false;
        }

        @Override
        public String path() {
            return "/" + KIND + "/" + platform;
        }
    }

    /** As it is now. */
    record Plain() implements View {
        @Override
        public boolean hides() {
            return false;
        }

        @Override
        public String path() {
            return "";
        }
    }

    /** Without what is younger than {@code days}: 1 to {@value #MOST_DAYS}. */
    record Cooldown(int days) implements View {
        /** Ten years: the whole age of most projects. */
        public static final int MOST_DAYS = 3650;

        /** The first segment of its path; the second one is such as {@code 7d}. */
        public static final String KIND = "cooldown";

        private static final Pattern WRITTEN = Pattern.compile("[1-9][0-9]{0,3}d");

        public Cooldown {
            if (days < 1 || days > MOST_DAYS) {
                throw new IllegalArgumentException("a cool-down has 1 to " + MOST_DAYS + " days, not " + days);
            }
        }

        private static Optional<View> parse(String written) {
            return Optional.of(written)
                    .filter(text -> WRITTEN.matcher(text).matches())
                    .map(text -> Integer.parseInt(text.substring(0, text.length() - 1)))
                    .filter(days -> days <= MOST_DAYS)
                    .map(Cooldown::new);
        }

        @Override
        public boolean hides() {
            return true;
        }

        @Override
        public String path() {
            return "/" + KIND + "/" + days + "d";
        }
    }

    /**
     * With what had come by the end of {@code date}, in UTC. A date that isn't over yet stands for what has come so far: jobs
     * east of Greenwich live in tomorrow already.
     */
    record AsOf(LocalDate date) implements View {
        /** The first segment of its path; the second one is such as {@code 2026-01-31}. */
        public static final String KIND = "asof";

        private static final Pattern WRITTEN = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

        public AsOf {
            if (date.getYear() < 1 || date.getYear() > 9999) {
                throw new IllegalArgumentException("a date has a year of four digits, not " + date);
            }
        }

        private static Optional<View> parse(String written) {
            if (!WRITTEN.matcher(written).matches() || written.startsWith("0000")) {
                return Optional.empty();
            }
            try {
                return Optional.of(new AsOf(LocalDate.parse(written)));
            } catch (DateTimeException noSuchDay) {
                return Optional.empty();
            }
        }

        @Override
        public boolean hides() {
            return true;
        }

        @Override
        public String path() {
            return "/" + KIND + "/" + date;
        }
    }
}
