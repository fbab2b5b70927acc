package dev.flotilla.controller.wheels.build;

import dev.flotilla.controller.machine.FileTransfer;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Brings files to a builder, by digest: what is there is never sent again. The machine itself needs no way to any index. Safe for many
 * threads: two that bring the same file one after the other find it there.
 */
final class BuilderFiles {
    private final FileTransfer transfer;
    private final String folder;

    /** @param limit for a file */
    BuilderFiles(Machine machine, String folder, Duration limit) {
        this.transfer = new FileTransfer(machine, limit);
        this.folder = folder;
    }

    /** Where a file of this digest is, in a builder's folder. */
    static String path(String folder, Sha256 digest) {
        return folder + "/files/" + digest.hex();
    }

    /** Why the file can't be brought there; empty where it is there. */
    synchronized Optional<String> bring(Path file, Sha256 digest) throws IOException, InterruptedException {
        return bring(FileTransfer.Content.of(file), digest);
    }

    /** The programs that run there. */
    synchronized Optional<String> bringScripts() throws IOException, InterruptedException {
        for (Script script : Script.values()) {
            Optional<String> problem = bring(FileTransfer.Content.of(script.content()), script.digest());
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    private Optional<String> bring(FileTransfer.Content content, Sha256 digest)
            throws IOException, InterruptedException {
        return switch (transfer.place(new FileTransfer.Cargo(content, digest, path(folder, digest), "444"))) {
            case FileTransfer.Placed.Already ignored -> Optional.empty();
            case FileTransfer.Placed.Sent ignored -> Optional.empty();
            case FileTransfer.Placed.Failed failed -> Optional.of(failed.text());
        };
    }
}
