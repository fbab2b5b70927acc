package dev.flotilla.agent;

import java.util.Optional;
import picocli.CommandLine;

/** The version that this program was built as. */
final class Version implements CommandLine.IVersionProvider {
    static String text() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"flotilla agent " + text()};
    }
}
