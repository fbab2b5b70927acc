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
        try {
            Duration duration = ConfigFactory.empty()
                    .withValue("duration", ConfigValueFactory.fromAnyRef(text))
                    .getDuration("duration");
            if (duration.isNegative() || duration.isZero()) {
                throw new TypeConversionException("'" + text + "' is not above zero");
            }
            return duration;
        } catch (ConfigException wrong) {
            throw new TypeConversionException("'" + text + "' is no duration, as in 30m or 2h");
        }
    }
}
