package dev.flotilla.controller.probe;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.client.Fetch;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Whether an answer is a project's page that installers can use. Pure; {@link IOException} says why it isn't. */
final class PageCheck {
    /** What pip asks for (PEP 691; pip's {@code _get_simple_response}). */
    static final String ACCEPT =
            "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1," + " text/html; q=0.01";

    private static final String JSON = "application/vnd.pypi.simple.v1+json";
    private static final String HTML = "application/vnd.pypi.simple.v1+html";

    private PageCheck() {}

    /** The kind of an answer, without its parameters. */
    static String kind(Fetch.Answer answer) {
        return answer.field("content-type")
                .orElse("no Content-Type")
                .replaceFirst(";.*", "")
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    static List<ProjectFile> files(Fetch.Answer answer, ByteSize largest) throws IOException {
        List<ProjectFile> files = read(answer, largest, ProjectFile::of);
        if (files.isEmpty()) {
            throw new IOException("the page has no files");
        }
        return files;
    }

    /** How many projects stand on a list of all. */
    static int projects(Fetch.Answer answer, ByteSize largest) throws IOException {
        if (answer.status() == 404) {
            throw new IOException("answers 404: there are no prebuilt wheels for this platform");
        }
        return read(answer, largest, list -> list.sequence("projects").size());
    }

    private static <T> T read(Fetch.Answer answer, ByteSize largest, Function<JsonObject, T> form) throws IOException {
        status(answer);
        if (!kind(answer).equals(JSON)) {
            throw new IOException("it is " + kind(answer) + " and not " + JSON);
        }
        try {
            return form.apply(new JsonReader(largest).object(answer.body()));
        } catch (MalformedJsonException malformed) {
            throw new IOException("the page can't be read: " + malformed.getMessage(), malformed);
        }
    }

    /** @param file one that the page has to have, where one is known */
    static String html(Fetch.Answer answer, Optional<ProjectFile> file) throws IOException {
        status(answer);
        if (!kind(answer).equals("text/html") && !kind(answer).equals(HTML)) {
            throw new IOException("it is " + kind(answer) + " and not text/html");
        }
        String page = new String(answer.body(), StandardCharsets.UTF_8);
        if (file.isPresent() && !page.contains(">" + file.get().name() + "<")) {
            throw new IOException("it doesn't name " + file.get().name() + ", which the JSON page has");
        }
        if (file.isPresent() && !page.contains("#sha256=" + file.get().digest())) {
            throw new IOException("it has no digest of " + file.get().name());
        }
        return kind(answer);
    }

    private static void status(Fetch.Answer answer) throws IOException {
        if (answer.status() == 404) {
            throw new IOException("answers 404: the index has no such project. Name one that it has: --project NAME");
        }
        if (answer.status() != 200) {
            throw new IOException("answers " + answer.status());
        }
    }
}
