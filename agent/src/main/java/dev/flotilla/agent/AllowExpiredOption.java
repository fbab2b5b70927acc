package dev.flotilla.agent;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option of a first start while nobody renews what is published. */
final class AllowExpiredOption {
    @Option(
            names = "--allow-expired",
            paramLabel = "DURATION",
            defaultValue = "0s",
            converter = Written.class,
            description =
                    "A node that has never had a release takes one whose metadata ended no longer ago than this, such"
                            + " as 14d: for a replacement node while the controller sleeps. All other checks stay, and once a"
                            + " release is committed this one is back.")
    private Duration grace = Duration.ZERO;

    Duration grace() {
        return grace;
    }

    /** A duration as configuration files write it. */
    static final class Written implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                Duration duration = ConfigFactory.empty()
                        .withValue("duration", ConfigValueFactory.fromAnyRef(text))
                        .getDuration("duration");
                if (duration.isNegative()) {
                    throw new TypeConversionException("'" + text + "' is negative");
                }
                return duration;
            } catch (ConfigException wrong) {
                throw new TypeConversionException("'" + text + "' is no duration, as in 14d or 12h");
            }
        }
    }
}
