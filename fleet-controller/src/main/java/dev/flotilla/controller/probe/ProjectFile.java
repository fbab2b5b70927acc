package dev.flotilla.controller.probe;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.Sha256;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A file as a project's page offers it (PEP 691, 658, 700, 714).
 *
 * @param url as it stands there, to be resolved against the page's
 * @param metadata the digest of its core metadata, where they are offered with one
 * @param offersMetadata whether core metadata are offered at all
 */
record ProjectFile(
        String name,
        String url,
        Sha256 digest,
        Optional<Long> size,
        Optional<Sha256> metadata,
        boolean offersMetadata) {
    /** The file that costs least to fetch: one with metadata before others, then the smallest; those of unknown size last. */
    static Optional<ProjectFile> cheapest(List<ProjectFile> files, long mostBytes) {
        return files.stream()
                .filter(file -> file.size().orElse(0L) <= mostBytes)
                .min(Comparator.comparing((ProjectFile file) -> !file.offersMetadata())
                        .thenComparing(file -> file.size().orElse(Long.MAX_VALUE))
                        .thenComparing(ProjectFile::name));
    }

    /** The files of a page. {@link MalformedJsonException} where an entry lacks what installers need. */
    static List<ProjectFile> of(JsonObject page) {
        return page.sequence("files").stream().map(ProjectFile::of).toList();
    }

    private static ProjectFile of(Json entry) {
        if (!(entry instanceof JsonObject file)) {
            throw new MalformedJsonException("an entry of 'files' is no object");
        }
        Optional<Json> metadata = file.member("core-metadata");
        return new ProjectFile(
                file.text("filename"),
                file.text("url"),
                file.object("hashes").parsed("sha256", Sha256::new),
                file.optionalWhole("size"),
                metadata.filter(JsonObject.class::isInstance)
                        .flatMap(hashes -> ((JsonObject) hashes).optionalParsed("sha256", Sha256::new)),
                metadata.filter(offered -> !offered.equals(new Json.Truth(false)))
                        .isPresent());
    }
}
