package dev.flotilla.vocabulary;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The parts of a wheel's file name (PEP 427): {@code name-version[-build]-python-abi-platform.whl}, whose last three may each be several,
 * joined by dots (PEP 425). At most 255 characters.
 *
 * @param project in normal form
 * @param version as written; an underscore in it stands for a dash of a local version
 * @param pythons such as {@code cp311}, {@code py3}
 * @param abis such as {@code cp311}, the stable one, or {@code none}
 * @param platforms such as {@code manylinux_2_17_x86_64}, {@code any}
 */
public record WheelName(
        ProjectName project, String version, List<String> pythons, List<String> abis, List<String> platforms) {
    private static final String ENDING = ".whl";
    private static final int LONGEST = 255;
    private static final int TAGS = 3;

    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+!]*");
    private static final Pattern BUILD = Pattern.compile("[0-9][A-Za-z0-9_.]*");
    private static final Pattern TAG_SET = Pattern.compile("[a-z0-9_]+(\\.[a-z0-9_]+)*");

    public WheelName {
        pythons = List.copyOf(pythons);
        abis = List.copyOf(abis);
        platforms = List.copyOf(platforms);
    }

    /** The parts of {@code filename}; empty where it is no wheel's. */
    public static Optional<WheelName> parse(String filename) {
        if (!filename.endsWith(ENDING) || filename.length() > LONGEST) {
            return Optional.empty();
        }
        List<String> parts = List.of(
                filename.substring(0, filename.length() - ENDING.length()).split("-", -1));
        int count = parts.size();
        if (count != 2 + TAGS && count != 2 + TAGS + 1) {
            return Optional.empty();
        }
        List<String> tags = parts.subList(count - TAGS, count);
        boolean sound = ProjectName.isValid(parts.getFirst())
                && VERSION.matcher(parts.get(1)).matches()
                && (count == 2 + TAGS || BUILD.matcher(parts.get(2)).matches())
                && tags.stream().allMatch(tag -> TAG_SET.matcher(tag).matches());
        return sound
                ? Optional.of(new WheelName(
                        ProjectName.of(parts.getFirst()),
                        parts.get(1),
                        set(tags.get(0)),
                        set(tags.get(1)),
                        set(tags.get(2))))
                : Optional.empty();
    }

    private static List<String> set(String tags) {
        return List.of(tags.split("\\.", -1));
    }

    /** Whether that interpreter takes it on a machine of that kind, as installers decide it. */
    public boolean fits(Interpreter interpreter, Machine machine) {
        return platforms.stream().anyMatch(machine::takes) && interpreter.takes(pythons, abis);
    }
}
