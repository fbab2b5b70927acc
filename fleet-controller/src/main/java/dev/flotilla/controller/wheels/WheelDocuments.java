package dev.flotilla.controller.wheels;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.BuilderName;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is known of sdists, wheels and builds as JSON, for files and objects that one program writes and another reads. Pure. */
public final class WheelDocuments {
    private WheelDocuments() {}

    public static JsonObject json(Sdist sdist) {
        return JsonObject.EMPTY
                .with("project", sdist.project().normal())
                .with("version", sdist.version())
                .with("filename", sdist.filename())
                .with("url", sdist.url().toString())
                .with("sha256", sdist.digest().hex())
                .with("size", sdist.size(), Json.Whole::new)
                .with("uploaded", sdist.uploaded(), time -> new Json.Text(time.toString()));
    }

    /** {@link MalformedJsonException} where it is none; so have the others. */
    public static Sdist sdist(JsonObject written) {
        return new Sdist(
                written.parsed("project", ProjectName::new),
                written.text("version"),
                written.text("filename"),
                written.parsed("url", URI::create),
                written.parsed("sha256", Sha256::new),
                written.optionalWhole("size"),
                written.optionalInstant("uploaded"));
    }

    public static JsonObject json(WantedWheel wanted) {
        return JsonObject.EMPTY
                .with("platform", wanted.platform().toString())
                .with("python", wanted.interpreter().toString())
                .with("sdist", json(wanted.sdist()))
                .with("why", wanted.why())
                .with("branches", texts(wanted.branches()));
    }

    public static WantedWheel wantedWheel(JsonObject written) {
        return new WantedWheel(
                written.parsed("platform", WheelDocuments::platform),
                written.parsed("python", Interpreter::parse),
                sdist(written.object("sdist")),
                written.text("why"),
                strings(written.sequence("branches")));
    }

    public static JsonObject json(Provenance provenance) {
        JsonObject tools = JsonObject.EMPTY;
        for (Map.Entry<String, String> tool : new TreeMap<>(provenance.tools()).entrySet()) {
            tools = tools.with(tool.getKey(), tool.getValue());
        }
        return JsonObject.EMPTY
                .with("sdist", json(provenance.sdist()))
                .with("builder", provenance.builder().toString())
                .with("python", provenance.interpreter().toString())
                .with("tools", tools)
                .with("reproducible", provenance.reproducible(), Json.Truth::new);
    }

    public static Provenance provenance(JsonObject written) {
        JsonObject tools = written.object("tools");
        Map<String, String> versions = new TreeMap<>();
        tools.members().keySet().forEach(tool -> versions.put(tool, tools.text(tool)));
        return new Provenance(
                sdist(written.object("sdist")),
                written.parsed("builder", BuilderName::new),
                written.parsed("python", Interpreter::parse),
                versions,
                written.member("reproducible").map(ignored -> written.truth("reproducible")));
    }

    /** Without where its file and its log are: they lie beside. */
    public static JsonObject json(BuiltWheel wheel) {
        return JsonObject.EMPTY
                .with("platform", wheel.platform().toString())
                .with("filename", wheel.filename())
                .with("sha256", wheel.digest().hex())
                .with("size", wheel.size())
                .with("requires-python", wheel.requiresPython(), Json.Text::new)
                .with("metadata-sha256", wheel.metadata().hex())
                .with("built", wheel.built())
                .with("provenance", json(wheel.provenance()));
    }

    public static BuiltWheel builtWheel(JsonObject written, Path file, Path log) {
        try {
            return new BuiltWheel(
                    written.parsed("platform", WheelDocuments::platform),
                    written.text("filename"),
                    file,
                    written.parsed("sha256", Sha256::new),
                    written.whole("size"),
                    written.optionalText("requires-python"),
                    written.parsed("metadata-sha256", Sha256::new),
                    written.instant("built"),
                    provenance(written.object("provenance")),
                    log);
        } catch (MalformedJsonException malformed) {
            throw malformed;
        } catch (IllegalArgumentException contradiction) {
            throw new MalformedJsonException(String.valueOf(contradiction.getMessage()));
        }
    }

    /** Without where its log is. */
    public static JsonObject json(FailedBuild failed) {
        return JsonObject.EMPTY
                .with("wanted", json(failed.wanted()))
                .with("builder", failed.builder().toString())
                .with("ended", failed.ended())
                .with("reason", failed.reason());
    }

    public static FailedBuild failedBuild(JsonObject written, Optional<Path> log) {
        return new FailedBuild(
                wantedWheel(written.object("wanted")),
                written.parsed("builder", BuilderName::new),
                written.instant("ended"),
                written.text("reason"),
                log);
    }

    /** A platform by its own slug and no other spelling of it. */
    public static PlatformSlug platform(String text) {
        return PlatformSlug.parse(text)
                .filter(slug -> slug.toString().equals(text))
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no platform"));
    }

    private static Json texts(List<String> texts) {
        return new Json.Sequence(texts.stream().<Json>map(Json.Text::new).toList());
    }

    private static List<String> strings(List<Json> sequence) {
        return sequence.stream()
                .map(element -> {
                    if (element instanceof Json.Text text) {
                        return text.value();
                    }
                    throw new MalformedJsonException("an element is no string");
                })
                .toList();
    }
}
