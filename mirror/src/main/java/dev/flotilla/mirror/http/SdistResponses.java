package dev.flotilla.mirror.http;

import dev.flotilla.mirror.ops.SdistDownloads;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.wheels.WheelOrigin;
import dev.flotilla.mirror.wheels.Wheelhouse;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Notes which sdists clients download, by what they say of themselves, and tells operators. */
final class SdistResponses {
    private static final List<String> ENDINGS = List.of(".tar.gz", ".zip", ".tar.bz2", ".tgz");

    private static final String WHEEL = ".whl";

    /** What pip and uv say of a machine has some 400 characters. */
    private static final int LONGEST_AGENT = 1_024;

    private static final Pattern PYTHON = Pattern.compile("(3\\.[0-9]{1,2})\\..{1,20}");

    private final SdistDownloads downloads;
    private final Wheelhouse wheels;

    SdistResponses(SdistDownloads downloads, Wheelhouse wheels) {
        this.downloads = downloads;
        this.wheels = wheels;
    }

    /** Has the download of this file counted once it is whole, where it is an sdist or a wheel that was built of one for the fleet. */
    void note(Exchange exchange, FilePath path) {
        if (path.metadata() || !exchange.request().method().equals(HttpMethod.GET)) {
            return;
        }
        if (isSdist(path) || (path.filename().endsWith(WHEEL) && !wheels.isEmpty())) {
            exchange.whenWhole(() -> count(exchange, path));
        }
    }

    private void count(Exchange exchange, FilePath path) {
        Fields.joined(exchange.request(), HttpHeaders.USER_AGENT)
                .filter(SdistResponses::tellsOfAMachine)
                .ifPresent(agent -> (isSdist(path) ? Optional.of(path.filename()) : source(path))
                        .flatMap(wanted -> kind(wanted, agent))
                        .ifPresent(downloads::downloaded));
    }

    private static boolean tellsOfAMachine(String agent) {
        return agent.indexOf('{') >= 0 && agent.length() <= LONGEST_AGENT;
    }

    /** Who gets the wheel would else compile the sdist: it is no less wanted since somebody has built it. */
    private Optional<String> source(FilePath path) {
        return wheels.find(path).map(wheel -> WheelOrigin.of(wheel).sdist()).filter(name -> !name.isEmpty());
    }

    private static boolean isSdist(FilePath path) {
        for (String ending : ENDINGS) {
            if (path.filename().endsWith(ending)) {
                return true;
            }
        }
        return false;
    }

    /** What an installer says of the machine that it runs on, as pip and uv do; empty where it says none on which wheels are built. */
    static Optional<SdistDownloads.Kind> kind(String filename, String agent) {
        if (!tellsOfAMachine(agent)) {
            return Optional.empty();
        }
        try {
            var said = new JsonObject(agent.substring(agent.indexOf('{')));
            Matcher python = PYTHON.matcher(text(said, "python"));
            boolean cpython = text(object(said, "implementation"), "name").equals("CPython");
            boolean linux = text(object(said, "system"), "name").equals("Linux");
            if (!python.matches() || !cpython || !linux) {
                return Optional.empty();
            }
            JsonObject distribution = object(said, "distro");
            return Optional.of(new SdistDownloads.Kind(
                    filename,
                    PlatformSlug.of(text(distribution, "name"), text(distribution, "version"), text(said, "cpu")),
                    Interpreter.parse(python.group(1))));
        } catch (DecodeException | IllegalArgumentException unclear) {
            return Optional.empty();
        }
    }

    private static JsonObject object(JsonObject from, String key) {
        return from.getValue(key) instanceof JsonObject inner ? inner : new JsonObject();
    }

    private static String text(JsonObject from, String key) {
        return from.getValue(key) instanceof String text ? text : "";
    }

    /** What was counted, as JSON. */
    void answer(Exchange exchange) {
        var sdists = new JsonArray();
        for (SdistDownloads.Count count : downloads.counts()) {
            sdists.add(new JsonObject()
                    .put("filename", count.kind().filename())
                    .put("platform", count.kind().platform().toString())
                    .put("python", count.kind().interpreter().toString())
                    .put("downloads", count.downloads()));
        }
        exchange.put(HttpHeaders.CONTENT_TYPE, OperationsListener.JSON).put(HttpHeaders.CACHE_CONTROL, Fields.NO_STORE);
        exchange.end(
                200,
                new JsonObject()
                        .put("since", downloads.since().toString())
                        .put("sdists", sdists)
                        .toBuffer());
    }
}
