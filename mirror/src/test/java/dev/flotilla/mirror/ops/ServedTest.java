package dev.flotilla.mirror.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServedTest {
    private static RequestRecord record(String route, String target, int status, String cache) {
        return new RequestRecord(Instant.EPOCH, route, target, status, cache, Duration.ZERO);
    }

    @Test
    void itIsTheLastPageAndFileThatWereGivenOutWholeAndWithoutUpstream() {
        assertThat(Served.of(List.of(
                        record("file", "/packages/part", 206, "hit"),
                        record("file", "/packages/fetched", 200, "miss"),
                        record("page", "/simple/old/", 200, "stale"),
                        record("page", "/simple/gone/", 404, "hit"),
                        record("page", "/simple/unchanged/", 304, "hit"),
                        record("view-page", "/cooldown/7d/simple/a/", 200, "hit"),
                        record("metadata", "/packages/a.metadata", 200, "hit"),
                        record("page", "http://elsewhere/simple/b/", 200, "hit"),
                        record("file", "/packages/" + "x".repeat(200), 200, "hit"),
                        record("page", "/simple/right/", 200, "hit"),
                        record("file", "/packages/right", 200, "hit"),
                        record("page", "/simple/earlier/", 200, "hit"))))
                .isEqualTo(new Served(Optional.of("/simple/right/"), Optional.of("/packages/right")));
        assertThat(Served.of(List.of())).isEqualTo(new Served(Optional.empty(), Optional.empty()));
    }
}
