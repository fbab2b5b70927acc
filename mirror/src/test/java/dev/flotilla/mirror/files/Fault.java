package dev.flotilla.mirror.files;

import dev.flotilla.mirror.upstream.ScriptedServer.Reply;
import dev.flotilla.mirror.upstream.ScriptedServer.Request;
import java.io.IOException;
import java.util.Arrays;

/** What can go wrong with a file on its way; none of these answers is ever the right file. */
enum Fault {
    TRUNCATED {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.head(200, length(content.length));
            reply.body(Arrays.copyOf(content, content.length / 2));
            throw reply.cut();
        }
    },
    TRUNCATED_WITHOUT_LENGTH {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.head(200, "Connection: close");
            reply.body(Arrays.copyOf(content, content.length / 2));
            throw reply.cut();
        }
    },
    RESET {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.head(200, length(content.length));
            reply.body(Arrays.copyOf(content, content.length / 3));
            throw reply.reset();
        }
    },
    ALL_BUT_THE_LAST_BYTE {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.head(200, length(content.length));
            reply.body(Arrays.copyOf(content, content.length - 1));
            throw reply.cut();
        }
    },
    FIRST_BIT_FLIPPED {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            byte[] wrong = content.clone();
            wrong[0] ^= 1;
            reply.whole(200, wrong);
        }
    },
    LAST_BIT_FLIPPED {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            byte[] wrong = content.clone();
            wrong[wrong.length - 1] ^= 1;
            reply.whole(200, wrong);
        }
    },
    TOO_LONG {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.whole(200, Arrays.copyOf(content, content.length + 1));
        }
    },
    TOO_LONG_WITHOUT_LENGTH {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.head(200, "Connection: close");
            reply.body(content);
            reply.body(new byte[100_000]);
            throw reply.cut();
        }
    },
    TOO_SHORT {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.whole(200, Arrays.copyOf(content, content.length - 1));
        }
    },
    EMPTY {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.whole(200, new byte[0]);
        }
    },
    STALLED {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.head(200, length(content.length));
            reply.body(Arrays.copyOf(content, content.length / 2));
            reply.stall();
        }
    },
    BROKEN {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.whole(503, new byte[10]);
        }
    },
    ANOTHER_RANGE {
        @Override
        void answer(Request request, Reply reply, byte[] content) throws IOException {
            reply.head(
                    206,
                    length(content.length - 1),
                    "Content-Range: bytes 1-" + (content.length - 1) + "/" + content.length);
            reply.body(Arrays.copyOfRange(content, 1, content.length));
        }
    };

    abstract void answer(Request request, Reply reply, byte[] content) throws IOException;

    private static String length(int bytes) {
        return "Content-Length: " + bytes;
    }
}
