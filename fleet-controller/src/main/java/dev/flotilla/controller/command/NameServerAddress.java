package dev.flotilla.controller.command;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code HOST:PORT} from the command line. */
final class NameServerAddress implements ITypeConverter<InetSocketAddress> {
    @Override
    public InetSocketAddress convert(String written) {
        int colon = written.lastIndexOf(':');
        try {
            return new InetSocketAddress(
                    written.substring(0, Math.max(colon, 0)).replaceAll("[\\[\\]]", ""),
                    Integer.parseInt(written.substring(colon + 1)));
        } catch (IllegalArgumentException invalid) {
            throw new TypeConversionException("'" + written + "' is no HOST:PORT, as in 127.0.0.1:8053");
        }
    }
}
