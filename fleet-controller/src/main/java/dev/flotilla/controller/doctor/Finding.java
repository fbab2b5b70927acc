package dev.flotilla.controller.doctor;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import java.util.Locale;
import java.util.Optional;

/**
 * What one check found.
 *
 * @param subject what was looked at, such as {@code lock} or {@code east/east-1}
 * @param text what is so, in one line
 * @param advice what to do, where something is to be done
 */
public record Finding(Area area, String subject, Level level, String text, Optional<String> advice) {
    /** Where it belongs, in the order in which people read it. */
    public enum Area {
        KEYS("keys"),
        BUCKET("bucket"),
        DNS("dns"),
        NODES("nodes"),
        WITHOUT_BUCKET("without the bucket"),
        WITHOUT_ROUTE53("without the Route 53 API");

        private final String title;

        Area(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /** How bad it is. */
    public enum Level {
        OK,
        /** It works now, and something is to be done before it doesn't. */
        WARN,
        /** It doesn't work, or couldn't be found out. */
        FAIL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(Area area, String subject, String text) {
        return new Finding(area, subject, Level.OK, text, Optional.empty());
    }

    static Finding warn(Area area, String subject, String text, String advice) {
        return new Finding(area, subject, Level.WARN, text, Optional.of(advice));
    }

    static Finding fail(Area area, String subject, String text, String advice) {
        return new Finding(area, subject, Level.FAIL, text, Optional.of(advice));
    }

    /** Where the text says what to do, too. */
    static Finding fail(Area area, String subject, String text) {
        return new Finding(area, subject, Level.FAIL, text, Optional.empty());
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("area", area.name().toLowerCase(Locale.ROOT))
                .with("subject", subject)
                .with("level", level.word())
                .with("text", text)
                .with("advice", advice, Json.Text::new);
    }
}
