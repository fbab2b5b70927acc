package dev.flotilla.controller.command;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a duration from the command line as configuration files write it, such as {@code 30m} or {@code 2h}; above zero. */
final class WrittenDuration implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        Duration duration = parse(text);
        if (duration.isNegative() || duration.isZero()) {
            throw new TypeConversionException("'" + text + "' is not above zero");
        }
        return duration;
    }

    private static Duration parse(String text) {
        try {
            return ConfigFactory.empty()
                    .withValue("duration", ConfigValueFactory.fromAnyRef(text))
                    .getDuration("duration");
        } catch (ConfigException wrong) {
            throw new TypeConversionException("'" + text + "' is no duration, as in 30m or 2h");
        }
    }

    /** Likewise, zero or above. */
    static final class OrZero implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Duration duration = parse(text);
            if (duration.isNegative()) {
                throw new TypeConversionException("'" + text + "' is below zero");
            }
            return duration;
        }
    }
}
