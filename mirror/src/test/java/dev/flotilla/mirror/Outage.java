package dev.flotilla.mirror;

import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.mirror.upstream.ScriptedServer.Reply;
import dev.flotilla.mirror.upstream.ScriptedServer.Request;
import dev.flotilla.testing.FreePort;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The ways in which an upstream is dead while clients still want its pages. */
enum Outage {
    SERVER_ERRORS {
        @Override
        void answer(Request request, Reply reply) throws IOException {
            reply.whole(List.of(500, 502, 503, 504).get(request.number() % 4), text("<html>broken</html>"));
        }
    },
    REFUSED {
        @Override
        Upstream begin(Path folder) throws IOException {
            return new Upstream("http://127.0.0.1:" + FreePort.choose() + "/simple/", () -> {});
        }
    },
    TIME_OUT {
        @Override
        void answer(Request request, Reply reply) throws IOException {
            reply.stall();
        }
    },
    /** A certificate that nobody vouches for. */
    TLS_FAILURE {
        @Override
        Upstream begin(Path folder) throws IOException {
            var server = SelfSignedServer.start(folder);
            return new Upstream("https://127.0.0.1:" + server.port() + "/simple/", server);
        }
    },
    TRUNCATED {
        @Override
        void answer(Request request, Reply reply) throws IOException {
            reply.head(200, "Content-Type: " + RunningMirror.JSON, "Content-Length: 5000");
            reply.body(text("{\"meta\": {\"api-version\": \"1.1\"}, \"name\": \"half\", \"files\": ["));
            throw request.number() % 2 == 0 ? reply.cut() : reply.reset();
        }
    },
    NONSENSE {
        @Override
        void answer(Request request, Reply reply) throws IOException {
            String[] nonsense = NONSENSES[request.number() % NONSENSES.length];
            reply.whole(200, text(nonsense[1]), "Content-Type: " + nonsense[0]);
        }
    };

    private static final String[][] NONSENSES = {
        {RunningMirror.JSON, "{ this is no page"},
        {RunningMirror.JSON, "null"},
        {RunningMirror.JSON, "[]"},
        {RunningMirror.JSON, "{}"},
        {RunningMirror.JSON, ""},
        {RunningMirror.JSON + "\r\nContent-Encoding: gzip", "not compressed"},
        {"text/html", "<html><body><h1>Welcome to the airport</h1></body></html>"},
        {"text/html", ""},
        {"text/plain", "database is locked"},
        {"application/json", "{\"error\": \"maintenance\"}"}
    };

    /** An upstream that is dead in one way. */
    record Upstream(String index, Closeable server) implements Closeable {
        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    void answer(Request request, Reply reply) throws IOException {
        throw new IOException("never asked");
    }

    /** The address of an index that is dead in this way; {@code folder} is for what that needs. */
    Upstream begin(Path folder) throws IOException {
        var server = new ScriptedServer(this::answer);
        return new Upstream(server.at("/simple/").toString(), server);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
