package dev.flotilla.mirror.wheels;

import dev.flotilla.mirror.simple.JsonText;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * How a wheel came about, as its index tells it in {@code _flotilla} (docs/reference/wheel-index.md): for people. What isn't said, or isn't said in
 * the way that is known here, is empty.
 *
 * @param sdist the name of the file that it was built of
 * @param sdistDigest that file's SHA-256 digest
 * @param python for which CPython
 * @param same whether a second build gave the same bytes; absent where there was none
 * @param log where what the build said lies, from the platform's folder in the wheelhouse
 * @param lastBuilt when the same source could be built last
 * @param unused whether no branch names it any more, and no client wants it
 */
public record WheelOrigin(
        String sdist,
        String sdistDigest,
        String builder,
        String python,
        Optional<Boolean> same,
        String log,
        String lastBuilt,
        boolean unused) {
    private static final WheelOrigin UNKNOWN = new WheelOrigin("", "", "", "", Optional.empty(), "", "", false);

    /** Of one file of an index. */
    public static WheelOrigin of(ProjectFile wheel) {
        return Optional.ofNullable(wheel.unknown().get("_flotilla"))
                .map(JsonText::text)
                .flatMap(WheelOrigin::object)
                .map(WheelOrigin::of)
                .orElse(UNKNOWN);
    }

    private static WheelOrigin of(JsonObject said) {
        JsonObject provenance = object(said, "provenance");
        JsonObject sdist = object(provenance, "sdist");
        return new WheelOrigin(
                text(sdist, "filename"),
                text(sdist, "sha256"),
                text(provenance, "builder"),
                text(provenance, "python"),
                provenance.getValue("reproducible") instanceof Boolean same ? Optional.of(same) : Optional.empty(),
                text(said, "log"),
                text(said, "last-built"),
                !text(said, "unused-since").isEmpty());
    }

    /** A build that failed, from its entry in the index; empty where it isn't told as it is known here. */
    static Optional<WheelIndex.Failed> failed(String json) {
        return object(json).flatMap(said -> {
            JsonObject wanted = object(said, "wanted");
            JsonObject sdist = object(wanted, "sdist");
            String project = text(sdist, "project");
            return ProjectName.isValid(project)
                    ? Optional.of(new WheelIndex.Failed(
                            ProjectName.of(project),
                            text(sdist, "filename"),
                            text(wanted, "python"),
                            text(said, "reason"),
                            text(said, "ended")))
                    : Optional.empty();
        });
    }

    private static Optional<JsonObject> object(String json) {
        try {
            return Optional.of(new JsonObject(json));
        } catch (DecodeException | ClassCastException noObject) {
            return Optional.empty();
        }
    }

    private static JsonObject object(JsonObject from, String key) {
        return from.getValue(key) instanceof JsonObject inner ? inner : new JsonObject();
    }

    private static String text(JsonObject from, String key) {
        return from.getValue(key) instanceof String text ? text : "";
    }
}
