package dev.flotilla.agent.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hours of a week in which nodes may begin with a release, in UTC. No window at all means every hour. Immutable.
 *
 * @param windows at most 50
 */
public record AllowedHours(List<Window> windows) {
    /** Every hour of every day. */
    public static final AllowedHours ALWAYS = new AllowedHours(List.of());

    private static final int MOST_WINDOWS = 50;
    private static final long DAY_SECONDS = Duration.ofDays(1).toSeconds();
    private static final long WEEK_SECONDS = 7 * DAY_SECONDS;
    /** The first of January 1970 was a Thursday, and weeks begin on Mondays (ISO 8601). */
    private static final long EPOCH_IN_WEEK_SECONDS = 3 * DAY_SECONDS;

    private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

    public AllowedHours {
        windows = List.copyOf(windows);
        if (windows.size() > MOST_WINDOWS) {
            throw new IllegalArgumentException("more than " + MOST_WINDOWS + " windows of hours");
        }
    }

    /**
     * The same hours on some days of a week, written {@code mon-fri 08:00-16:00}, {@code sat 10:00-12:00} or {@code daily
     * 20:00-24:00}. Hours over midnight are two windows.
     *
     * @param firstDay from 0, which is Monday
     * @param lastDay not before the first
     * @param fromMinute of the day
     * @param toMinute of the day, at most 1440; this minute itself is not in the window
     */
    public record Window(int firstDay, int lastDay, int fromMinute, int toMinute) {
        private static final Pattern FORM =
                Pattern.compile("(daily|[a-z]{3}(?:-[a-z]{3})?) ([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])");
        private static final int DAY_MINUTES = 24 * 60;

        public Window {
            if (firstDay < 0
                    || lastDay >= DAYS.size()
                    || lastDay < firstDay
                    || fromMinute < 0
                    || toMinute > DAY_MINUTES
                    || toMinute <= fromMinute) {
                throw new IllegalArgumentException("days and hours have to go on: mon-fri, not fri-mon; 20:00-24:00 and"
                        + " 00:00-04:00 as two windows, not 20:00-04:00");
            }
        }

        /** {@link IllegalArgumentException} where the text is of another form. */
        public static Window parse(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new IllegalArgumentException("'" + text
                        + "' are no hours: write days and times in UTC, as in 'mon-fri 08:00-16:00' or 'daily"
                        + " 20:00-24:00'");
            }
            String days = form.group(1);
            int from = minute(form.group(2), form.group(3));
            int to = minute(form.group(4), form.group(5));
            if (days.equals("daily")) {
                return new Window(0, DAYS.size() - 1, from, to);
            }
            int first = day(days.substring(0, 3));
            return new Window(first, days.length() == 3 ? first : day(days.substring(4)), from, to);
        }

        private static int minute(String hour, String minute) {
            return Integer.parseInt(hour) * 60 + Integer.parseInt(minute);
        }

        private static int day(String name) {
            int day = DAYS.indexOf(name);
            if (day < 0) {
                throw new IllegalArgumentException("'" + name + "' is no day: mon, tue, wed, thu, fri, sat, sun");
            }
            return day;
        }

        @Override
        public String toString() {
            String days = firstDay == 0 && lastDay == DAYS.size() - 1
                    ? "daily"
                    : firstDay == lastDay ? DAYS.get(firstDay) : DAYS.get(firstDay) + "-" + DAYS.get(lastDay);
            return String.format(
                    Locale.ROOT,
                    "%s %02d:%02d-%02d:%02d",
                    days,
                    fromMinute / 60,
                    fromMinute % 60,
                    toMinute / 60,
                    toMinute % 60);
        }
    }

    /** A stretch of a week that is open, in seconds from its beginning; the end is not in it. */
    private record Stretch(long from, long to) {}

    public boolean areNow(Instant now) {
        return windows.isEmpty() || closing(secondOfWeek(now)) > 0;
    }

    /** {@code from} itself where it is allowed, or the next time that is. */
    public Instant next(Instant from) {
        if (areNow(from)) {
            return from;
        }
        long second = secondOfWeek(from);
        long opens = stretches().stream()
                .mapToLong(Stretch::from)
                .map(start -> start > second ? start : start + WEEK_SECONDS)
                .min()
                .orElseThrow();
        return Instant.ofEpochSecond(from.getEpochSecond() - second + opens);
    }

    /** When so much allowed time has passed since {@code from}. */
    public Instant after(Instant from, Duration allowed) {
        if (windows.isEmpty()) {
            return from.plus(allowed);
        }
        long week = stretches().stream()
                .mapToLong(stretch -> stretch.to() - stretch.from())
                .sum();
        Instant at = from.plusSeconds(allowed.toSeconds() / week * WEEK_SECONDS);
        Duration left = allowed.minusSeconds(allowed.toSeconds() / week * week);
        while (!left.isZero()) {
            at = next(at);
            long second = secondOfWeek(at);
            Instant closes = Instant.ofEpochSecond(at.getEpochSecond() - second + closing(second));
            Duration here = Duration.between(at, closes);
            if (left.compareTo(here) <= 0) {
                return at.plus(left);
            }
            left = left.minus(here);
            at = closes;
        }
        return at;
    }

    /** When the stretch ends that a second of the week is in; 0 where it is in none. */
    private long closing(long second) {
        return stretches().stream()
                .filter(stretch -> stretch.from() <= second && second < stretch.to())
                .mapToLong(Stretch::to)
                .findFirst()
                .orElse(0);
    }

    /** All windows, in order, those that touch as one. */
    private List<Stretch> stretches() {
        List<Stretch> all = new ArrayList<>();
        for (Window window : windows) {
            for (int day = window.firstDay(); day <= window.lastDay(); day++) {
                long start = day * DAY_SECONDS;
                all.add(new Stretch(start + window.fromMinute() * 60L, start + window.toMinute() * 60L));
            }
        }
        all.sort(Comparator.comparingLong(Stretch::from));
        List<Stretch> merged = new ArrayList<>();
        for (Stretch stretch : all) {
            if (!merged.isEmpty() && merged.getLast().to() >= stretch.from()) {
                Stretch before = merged.removeLast();
                merged.add(new Stretch(before.from(), Math.max(before.to(), stretch.to())));
            } else {
                merged.add(stretch);
            }
        }
        return merged;
    }

    private static long secondOfWeek(Instant time) {
        return Math.floorMod(time.getEpochSecond() + EPOCH_IN_WEEK_SECONDS, WEEK_SECONDS);
    }
}
