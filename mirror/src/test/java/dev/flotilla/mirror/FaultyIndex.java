package dev.flotilla.mirror;

import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.mirror.upstream.ScriptedServer.Reply;
import dev.flotilla.mirror.upstream.ScriptedServer.Request;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * An index of many small files between which and the mirror things go wrong: of each file the first answers are disturbed as
 * planned, and from then on it comes right. The plan follows from the seed alone. On loopback.
 */
final class FaultyIndex implements AutoCloseable {
    static final int BLOCK = 1024;
    static final int MOST_BLOCKS = 12;
    private static final int MOST_DISTURBANCES = 5;

    private final ScriptedServer server;
    private final List<Sample> samples = new ArrayList<>();
    private final byte[] page;

    /** One file, how its upstream answers, and what goes wrong with its first answers. */
    static final class Sample {
        private final int number;
        private final byte[] content;
        private final Sha256 digest;
        private final boolean sized;
        private final boolean ranges;
        private final Disturbance.Framing framing;
        private final List<Disturbance> plan;
        private final AtomicInteger answers = new AtomicInteger();

        Sample(long seed, int number) {
            this.number = number;
            var random = new SplittableRandom(seed * 1_000_003 + number);
            this.content = new byte[random.nextInt(1, MOST_BLOCKS * BLOCK)];
            random.nextBytes(content);
            this.digest = Sha256.of(content);
            this.sized = random.nextInt(3) > 0;
            this.ranges = random.nextInt(4) > 0;
            this.framing = List.of(Disturbance.Framing.values()).get(random.nextInt(3));
            this.plan = plan(number, random);
        }

        /** Every kind at every boundary of a block, the byte before and the byte after comes in turn; what follows is random. */
        private static List<Disturbance> plan(int number, SplittableRandom random) {
            List<Disturbance.Kind> kinds = List.of(Disturbance.Kind.values());
            var plan = new ArrayList<Disturbance>();
            plan.add(new Disturbance(kinds.get(number % kinds.size()), place(number / kinds.size())));
            int more = random.nextInt(MOST_DISTURBANCES);
            for (int i = 0; i < more; i++) {
                plan.add(new Disturbance(
                        kinds.get(random.nextInt(kinds.size())), place(random.nextInt(3 * MOST_BLOCKS))));
            }
            return plan;
        }

        private static int place(int index) {
            return Math.max(0, index / 3 % MOST_BLOCKS * BLOCK + index % 3 - 1);
        }

        private String filename() {
            return "fleet-1." + number + "-py3-none-any.whl";
        }

        String path() {
            return "/packages/sha256/" + digest + "/" + filename();
        }

        byte[] content() {
            return content;
        }

        int disturbances() {
            return plan.size();
        }

        private void answer(Request request, Reply reply) throws IOException {
            Disturbance.Right right = right(request);
            int before = answers.getAndIncrement();
            if (before < plan.size()) {
                plan.get(before).apply(right, reply);
            } else {
                right.send(reply);
            }
        }

        private Disturbance.Right right(Request request) {
            String range = request.header("range");
            String condition = request.header("if-range");
            if (!ranges || range.isEmpty() || !(condition.isEmpty() || condition.equals("\"v1\""))) {
                return new Disturbance.Right(200, content, content.length, 0, framing);
            }
            int from = Math.min(
                    content.length - 1, Integer.parseInt(range.substring("bytes=".length(), range.length() - 1)));
            return new Disturbance.Right(
                    206, Arrays.copyOfRange(content, from, content.length), content.length, from, framing);
        }

        private String entry() {
            return "{\"filename\": \"%s\", \"url\": \"../../files/%d\", \"hashes\": {\"sha256\": \"%s\"}%s}"
                    .formatted(filename(), number, digest, sized ? ", \"size\": " + content.length : "");
        }

        /** For a message that lets one repeat it. */
        @Override
        public String toString() {
            return "file %d of %d bytes, %s, length on page: %s, ranges: %s, disturbed by %s"
                    .formatted(number, content.length, framing, sized, ranges, plan);
        }
    }

    FaultyIndex(long seed, int files) throws IOException {
        for (int i = 0; i < files; i++) {
            samples.add(new Sample(seed, i));
        }
        String entries = samples.stream().map(Sample::entry).collect(Collectors.joining(",\n"));
        this.page = ("{\"meta\": {\"api-version\": \"1.0\"}, \"name\": \"fleet\", \"files\": [" + entries + "]}")
                .getBytes(StandardCharsets.UTF_8);
        this.server = new ScriptedServer((request, reply) -> {
            if (request.target().equals("/simple/fleet/")) {
                reply.whole(200, page, "Content-Type: application/vnd.pypi.simple.v1+json");
            } else {
                samples.get(Integer.parseInt(request.target().substring("/files/".length())))
                        .answer(request, reply);
            }
        });
    }

    String index() {
        return server.at("/simple/").toString();
    }

    List<Sample> samples() {
        return samples;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
