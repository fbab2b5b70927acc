package dev.flotilla.mirror;

import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.mirror.upstream.ScriptedServer.Reply;
import dev.flotilla.mirror.upstream.ScriptedServer.Request;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** An index with one file, whose page is always right and whose file comes as a script says. On loopback. */
final class ScriptedIndex implements AutoCloseable {
    static final String FILENAME = "sample_one-1.0-py3-none-any.whl";

    private final ScriptedServer server;
    private final byte[] content;
    private final boolean sized;

    /** @param sized whether the page tells the file's length */
    ScriptedIndex(byte[] content, boolean sized, ScriptedServer.Script file) throws IOException {
        this.content = content;
        this.sized = sized;
        this.server = new ScriptedServer((request, reply) -> {
            if (request.target().startsWith("/simple/")) {
                page(reply);
            } else {
                file.answer(request, reply);
            }
        });
    }

    private void page(Reply reply) throws IOException {
        byte[] page = """
                {"meta": {"api-version": "1.0"}, "name": "sample-one", "files": [
                  {"filename": "%s", "url": "../../files/%s", "hashes": {"sha256": "%s"}%s}]}
                """.formatted(FILENAME, FILENAME, digest(), sized ? ", \"size\": " + content.length : "")
                .getBytes(StandardCharsets.UTF_8);
        reply.whole(200, page, "Content-Type: application/vnd.pypi.simple.v1+json");
    }

    String index() {
        return server.at("/simple/").toString();
    }

    Sha256 digest() {
        return Sha256.of(content);
    }

    /** The file's path at a mirror of this index. */
    String path() {
        return "/packages/sha256/" + digest() + "/" + FILENAME;
    }

    /** How often the file was asked for. */
    long asked() {
        return server.requests().stream()
                .map(Request::target)
                .filter(target -> target.startsWith("/files/"))
                .count();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
