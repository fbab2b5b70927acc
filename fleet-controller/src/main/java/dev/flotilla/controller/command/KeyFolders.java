package dev.flotilla.controller.command;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The option that names more folders with private keys. */
final class KeyFolders {
    @Option(
            names = "--keys",
            paramLabel = "FOLDER",
            description =
                    "A folder with private keys beside the fleet's own trust folder, such as a medium that is kept"
                            + " offline. May be repeated.")
    private List<Path> folders = List.of();

    List<Path> folders() {
        return folders;
    }
}
