package dev.flotilla.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A configuration file in HOCON, at most 1 MiB. Substitutions ({@code ${…}}) see the file itself and, for keys that it
 * does not hold, the environment. Includes are not followed, so that one file is the whole truth.
 */
public final class SettingsFile {
    private static final long LARGEST_BYTES = 1 << 20;
    private static final Pattern ORIGIN = Pattern.compile("^.*?: (\\d+): ");

    private SettingsFile() {}

    /** Reads the object at {@code root} of {@code file} with {@code reader}, which declares every key that may stand there. */
    public static <T> Loading<T> load(Path file, String root, Function<Settings, Setting<T>> reader) {
        String text;
        try {
            if (Files.size(file) > LARGEST_BYTES) {
                return refused(file, "the file is larger than 1 MiB, which no configuration is");
            }
            text = Files.readString(file);
        } catch (NoSuchFileException missing) {
            return refused(file, "there is no such file");
        } catch (MalformedInputException malformed) {
            return refused(file, "the file is not UTF-8 text");
        } catch (IOException unreadable) {
            return refused(file, "the file can't be read: " + unreadable.getMessage());
        }
        return parse(text, file.toString(), root, reader);
    }

    /** As {@link #load}, from text; {@code name} stands for the file in messages. */
    public static <T> Loading<T> parse(String text, String name, String root, Function<Settings, Setting<T>> reader) {
        Config config;
        try {
            config = ConfigFactory.parseString(text, parsing(name)).resolve();
        } catch (ConfigException.Parse unparsable) {
            return new Loading.Refused<>(List.of(syntaxProblem(name, unparsable)));
        } catch (ConfigException broken) {
            return new Loading.Refused<>(List.of(new Problem(name, "", String.valueOf(broken.getMessage()))));
        }
        return Settings.read(config.root(), name, root, reader);
    }

    private static ConfigParseOptions parsing(String name) {
        return ConfigParseOptions.defaults()
                .setSyntax(ConfigSyntax.CONF)
                .setOriginDescription(name)
                .setAllowMissing(false)
                .setIncluder(new RefusedIncludes());
    }

    private static Problem syntaxProblem(String name, ConfigException unparsable) {
        String message = String.valueOf(unparsable.getMessage());
        var matcher = ORIGIN.matcher(message);
        return matcher.find()
                ? new Problem(name + ":" + matcher.group(1), "", message.substring(matcher.end()))
                : new Problem(name, "", message);
    }

    private static <T> Loading<T> refused(Path file, String message) {
        return new Loading.Refused<>(List.of(new Problem(file.toString(), "", message)));
    }
}
