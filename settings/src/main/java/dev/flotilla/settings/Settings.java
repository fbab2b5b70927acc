package dev.flotilla.settings;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One object of a configuration file. A reader asks for each key that may stand in it, keeps the {@link Setting}s that it
 * gets, and hands a builder to {@link #build}; whatever is missing, wrong or unknown is collected on the way, and the
 * builders run only when nothing was.
 *
 * <p>For one thread.
 */
public final class Settings {
    private final Reading reading;
    private final String path;
    private final ConfigObject object;
    private final Set<String> known = new HashSet<>();

    private Settings(Reading reading, String path, ConfigObject object) {
        this.reading = reading;
        this.path = path;
        this.object = object;
        reading.sections.add(this);
    }

    static <T> Loading<T> read(ConfigObject file, String name, String root, Function<Settings, Setting<T>> reader) {
        var reading = new Reading(name);
        ConfigObject object = file;
        for (String step : ConfigUtil.splitPath(root)) {
            var outer = object;
            outer.keySet().stream()
                    .filter(key -> !key.equals(step))
                    .forEach(key -> reading.add(
                            outer.get(key), key, "unknown here: all settings of this file stand below " + root));
            if (object.get(step) instanceof ConfigObject inner) {
                object = inner;
            } else {
                reading.add(null, root, "is missing: everything stands in one object of that name");
                return reading.refusal();
            }
        }
        Setting<T> result = reader.apply(new Settings(reading, root, object));
        reading.sections.forEach(Settings::refuseUnknownKeys);
        if (!reading.problems.isEmpty()) {
            return reading.refusal();
        }
        try {
            return new Loading.Loaded<>(result.get());
        } catch (InvalidSettings invalid) {
            return reading.refusal();
        }
    }

    /** A value that has to be there, parsed from its text. The parser's {@link IllegalArgumentException} becomes the problem. */
    public <T> Setting<T> required(String key, Function<String, T> parser) {
        return present(key).map(value -> parsed(key, value, parser)).orElseGet(() -> missing(key));
    }

    /** A value parsed from its text, or {@code otherwise}. */
    public <T> Setting<T> optional(String key, T otherwise, Function<String, T> parser) {
        return present(key).map(value -> parsed(key, value, parser)).orElse(() -> otherwise);
    }

    /** A value parsed from its text, where it is there. */
    public <T> Setting<Optional<T>> optional(String key, Function<String, T> parser) {
        return optional(key, Optional.empty(), text -> Optional.of(parser.apply(text)));
    }

    public Setting<String> required(String key) {
        return required(key, Settings::notBlank);
    }

    public Setting<String> optional(String key, String otherwise) {
        return optional(key, otherwise, Settings::notBlank);
    }

    public Setting<Boolean> flag(String key, boolean otherwise) {
        return optional(key, otherwise, Settings::yesOrNo);
    }

    /** Parses a flag. */
    public static boolean yesOrNo(String text) {
        return switch (text) {
            case "true", "on", "yes" -> true;
            case "false", "off", "no" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        };
    }

    /** A whole number between {@code least} and {@code most}, both allowed. */
    public Setting<Integer> integer(String key, int otherwise, int least, int most) {
        return optional(key, otherwise, text -> integer(text, least, most));
    }

    public Setting<Integer> requiredInteger(String key, int least, int most) {
        return required(key, text -> integer(text, least, most));
    }

    public Setting<ByteSize> size(String key, ByteSize otherwise, ByteSize least) {
        return optional(key, otherwise, text -> {
            var size = ByteSize.parse(text);
            if (size.compareTo(least) < 0) {
                throw new IllegalArgumentException(text + " is too small: at least " + least);
            }
            return size;
        });
    }

    /** A time with a unit, as in {@code 500 ms}, {@code 30s} or {@code 10 minutes}, between the two limits. */
    public Setting<Duration> duration(String key, Duration otherwise, Duration least, Duration most) {
        return optional(key, otherwise, text -> {
            Duration duration = duration(text);
            if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                throw new IllegalArgumentException(
                        "'" + text + "' is out of range: between " + shown(least) + " and " + shown(most));
            }
            return duration;
        });
    }

    /** A list of texts, each parsed; {@code otherwise} where the key is not there. */
    public <T> Setting<List<T>> list(String key, List<T> otherwise, Function<String, T> parser) {
        Optional<ConfigValue> value = present(key);
        if (value.isEmpty()) {
            return () -> otherwise;
        }
        if (!(value.get() instanceof ConfigList values)) {
            return refused(value.get(), key, "has to be a list: [ … ]");
        }
        List<Setting<T>> elements = new ArrayList<>();
        for (ConfigValue element : values) {
            elements.add(parsed(key, element, parser));
        }
        return () -> elements.stream().map(Setting::get).toList();
    }

    /** The object at {@code key}; an absent one is read as an empty one, so that its defaults and its missing keys show. */
    public <T> Setting<T> section(String key, Function<Settings, Setting<T>> reader) {
        return present(key)
                .map(value -> inner(value, key, reader))
                .orElseGet(() -> reader.apply(
                        new Settings(reading, at(key), ConfigFactory.empty().root())));
    }

    /** The object at {@code key}, where it is there. */
    public <T> Setting<Optional<T>> optionalSection(String key, Function<Settings, Setting<T>> reader) {
        Optional<ConfigValue> value = present(key);
        if (value.isEmpty()) {
            return Optional::empty;
        }
        Setting<T> inner = inner(value.get(), key, reader);
        return () -> Optional.of(inner.get());
    }

    /** The list of objects at {@code key}, in order; {@code otherwise} where the key is not there. */
    public <T> Setting<List<T>> sections(String key, List<T> otherwise, Function<Settings, Setting<T>> reader) {
        Optional<ConfigValue> value = present(key);
        if (value.isEmpty()) {
            return () -> otherwise;
        }
        if (!(value.get() instanceof ConfigList values)) {
            return refused(value.get(), key, "has to be a list of objects: [ { … } ]");
        }
        List<Setting<T>> elements = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            elements.add(inner(values.get(i), key + "." + i, reader));
        }
        return () -> elements.stream().map(Setting::get).toList();
    }

    /** The objects below {@code key} by their own keys, in the order of their lines. */
    public <K, T> Setting<Map<K, T>> named(
            String key, Function<String, K> names, BiFunction<K, Settings, Setting<T>> reader) {
        return named(key, false, names, reader);
    }

    /**
     * As {@link #named}, for objects whose order counts. HOCON keeps no order within a line, so two of them that begin on
     * one line are a problem.
     */
    public <K, T> Setting<Map<K, T>> ordered(
            String key, Function<String, K> names, BiFunction<K, Settings, Setting<T>> reader) {
        return named(key, true, names, reader);
    }

    private <K, T> Setting<Map<K, T>> named(
            String key, boolean orderCounts, Function<String, K> names, BiFunction<K, Settings, Setting<T>> reader) {
        Optional<ConfigValue> value = present(key);
        if (value.isEmpty()) {
            return missing(key);
        }
        if (!(value.get() instanceof ConfigObject children)) {
            return refused(value.get(), key, "has to be an object: " + key + " { name { … } }");
        }
        // Not values(): that is a set, in which equal objects are one.
        long lines = children.entrySet().stream()
                .map(child -> child.getValue().origin().lineNumber())
                .distinct()
                .count();
        if (orderCounts && lines < children.size()) {
            return refused(children, key, "their order counts: write each of them on a line of its own");
        }
        Map<K, Setting<T>> elements = new LinkedHashMap<>();
        children.entrySet().stream()
                .sorted(Comparator.comparingInt(
                        child -> child.getValue().origin().lineNumber()))
                .forEach(child -> {
                    String childKey =
                            key + "." + ConfigUtil.quoteString(child.getKey()).replace("\"", "");
                    try {
                        K name = names.apply(child.getKey());
                        elements.put(name, inner(child.getValue(), childKey, inner -> reader.apply(name, inner)));
                    } catch (IllegalArgumentException invalid) {
                        reading.add(child.getValue(), at(childKey), String.valueOf(invalid.getMessage()));
                    }
                });
        return () -> {
            Map<K, T> result = new LinkedHashMap<>();
            elements.forEach((name, element) -> result.put(name, element.get()));
            return Collections.unmodifiableMap(result);
        };
    }

    /**
     * The object at {@code key} unread, as JSON text (empty where the key is not there): for settings that another program
     * judges.
     */
    public Setting<Optional<String>> raw(String key) {
        Optional<ConfigValue> value = present(key);
        if (value.isPresent() && !(value.get() instanceof ConfigObject)) {
            return refused(value.get(), key, "has to be an object: " + key + " { … }");
        }
        return () -> value.map(object -> object.render(ConfigRenderOptions.concise()));
    }

    /** Refuses this object for a reason that lies in several of its keys. To be called from within the reader. */
    public void problem(String message) {
        reading.add(object, path, message);
    }

    /**
     * What the builder makes once the whole file has proved right. An {@link IllegalArgumentException} of the builder (two
     * keys that don't fit together) becomes a problem of this object.
     */
    public <T> Setting<T> build(Supplier<T> builder) {
        return () -> {
            try {
                return builder.get();
            } catch (InvalidSettings alreadyReported) {
                throw alreadyReported;
            } catch (IllegalArgumentException invalid) {
                problem(String.valueOf(invalid.getMessage()));
                throw new InvalidSettings(invalid);
            }
        };
    }

    private Optional<ConfigValue> present(String key) {
        known.add(key);
        ConfigValue value = object.get(key);
        return value == null || value.valueType() == ConfigValueType.NULL ? Optional.empty() : Optional.of(value);
    }

    private <T> Setting<T> parsed(String key, ConfigValue value, Function<String, T> parser) {
        if (value.valueType() == ConfigValueType.OBJECT || value.valueType() == ConfigValueType.LIST) {
            return refused(value, key, "has to be a single value");
        }
        try {
            T result = parser.apply(String.valueOf(value.unwrapped()));
            return () -> result;
        } catch (IllegalArgumentException invalid) {
            return refused(value, key, String.valueOf(invalid.getMessage()));
        }
    }

    private <T> Setting<T> inner(ConfigValue value, String key, Function<Settings, Setting<T>> reader) {
        return value instanceof ConfigObject inner
                ? reader.apply(new Settings(reading, at(key), inner))
                : refused(value, key, "has to be an object: " + key + " { … }");
    }

    private <T> Setting<T> missing(String key) {
        reading.add(object, at(key), "is missing");
        return unavailable();
    }

    private <T> Setting<T> refused(ConfigValue value, String key, String message) {
        reading.add(value, at(key), message);
        return unavailable();
    }

    private void refuseUnknownKeys() {
        object.forEach((key, value) -> {
            if (!known.contains(key)) {
                String nearest = Spelling.nearest(key, known)
                        .map(name -> ": did you mean " + name + "?")
                        .orElse("");
                reading.add(value, at(key), "unknown key" + nearest);
            }
        });
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static <T> Setting<T> unavailable() {
        return () -> {
            throw new IllegalStateException("a setting with a problem has no value");
        };
    }

    private static String notBlank(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("is empty");
        }
        return text;
    }

    private static int integer(String text, int least, int most) {
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no whole number (between " + least + " and " + most + ")", notANumber);
        }
        throw new IllegalArgumentException(text + " is out of range: between " + least + " and " + most);
    }

    private static Duration duration(String text) {
        if (text.strip().chars().allMatch(Character::isDigit)) {
            throw new IllegalArgumentException("'" + text + "' has no unit: write " + text + "s or " + text + "ms");
        }
        try {
            return ConfigFactory.parseMap(Map.of("duration", text)).getDuration("duration");
        } catch (ConfigException invalid) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no duration: write a number and a unit, as in 500ms, 30s or 10m", invalid);
        }
    }

    private static String shown(Duration duration) {
        return duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    /** What one reading of one file has found so far. */
    private static final class Reading {
        private final String name;
        private final List<Problem> problems = new ArrayList<>();
        private final List<Integer> lines = new ArrayList<>();
        private final List<Settings> sections = new ArrayList<>();

        Reading(String name) {
            this.name = name;
        }

        void add(@Nullable ConfigValue value, String key, String message) {
            ConfigOrigin origin = value == null ? null : value.origin();
            int line = origin == null ? -1 : origin.lineNumber();
            problems.add(new Problem(line > 0 ? name + ":" + line : name, key, message));
            lines.add(line);
        }

        <T> Loading<T> refusal() {
            var order = new ArrayList<Integer>();
            for (int i = 0; i < problems.size(); i++) {
                order.add(i);
            }
            order.sort(Comparator.<Integer, Integer>comparing(lines::get)
                    .thenComparing(index -> problems.get(index).key()));
            return new Loading.Refused<>(order.stream().map(problems::get).toList());
        }
    }

    private static final class InvalidSettings extends RuntimeException {
        private static final long serialVersionUID = 1;

        InvalidSettings(Throwable cause) {
            super(cause);
        }
    }
}
