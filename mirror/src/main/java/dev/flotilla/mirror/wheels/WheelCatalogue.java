package dev.flotilla.mirror.wheels;

import dev.flotilla.mirror.files.Clearance;
import dev.flotilla.mirror.files.FileCatalogue;
import dev.flotilla.mirror.files.FileOffer;
import dev.flotilla.mirror.files.Visibility;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import io.vertx.core.Future;

/**
 * What the indexes of wheels say about files, and the pages about all others. What is withheld of a project is withheld of its wheels, too. Metadata
 * are taken out of the wheel: a wheelhouse has no files of them.
 */
public record WheelCatalogue(Wheelhouse wheels, FileCatalogue pages) implements FileCatalogue {
    @Override
    public Future<FileOffer> find(FilePath path) {
        return wheels.find(path)
                .<Future<FileOffer>>map(wheel -> Future.succeededFuture(new FileOffer.Offered(
                        wheel.location().uri(),
                        wheel.sha256(),
                        wheel.size(),
                        new FileOffer.MetadataOffer(false, wheel.coreMetadata().sha256()))))
                .orElseGet(() -> pages.find(path));
    }

    @Override
    public Clearance clearance(FilePath path) {
        return pages.clearance(path);
    }

    @Override
    public Future<Clearance> settle(FilePath path) {
        return pages.settle(path);
    }

    @Override
    public Future<Visibility> visibility(FilePath path, View view) {
        return pages.visibility(path, view);
    }
}
