package dev.flotilla.mirror;

import com.github.luben.zstd.util.Native;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The libraries of machine code that the program carries in its archives. Each process unpacks them; in the system's temporary
 * folder what a killed process has unpacked would stay for ever.
 */
final class NativeLibraries {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);

    /** Where Netty unpacks its own, as soon as the first is needed. */
    private static final String NETTY_FOLDER = "io.netty.native.workdir";

    private NativeLibraries() {}

    /**
     * Has them unpacked in {@code folder}, which somebody clears away once this process has ended. A folder out of which nothing
     * may be executed, or that is full, isn't used. To be called before anything else needs them.
     */
    static void unpackIn(Path folder) {
        try {
            Native.load(folder.toFile());
        } catch (LinkageError refused) {
            LOG.info(
                    "native libraries go to the temporary folder of the system, since {} doesn't do: {}",
                    folder,
                    refused.toString());
            return;
        }
        if (System.getProperty(NETTY_FOLDER) == null) {
            System.setProperty(NETTY_FOLDER, folder.toString());
        }
    }
}
