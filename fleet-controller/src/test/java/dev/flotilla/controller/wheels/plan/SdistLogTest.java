package dev.flotilla.controller.wheels.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.wheels.WheelDocuments;
import dev.flotilla.vocabulary.Interpreter;
import java.util.List;
import org.junit.jupiter.api.Test;

class SdistLogTest {
    @Test
    void anOddEntryIsPassedOverAndToldAndTheOthersCount() throws Exception {
        try (var one = new SampleIndex();
                var other = new SampleIndex()) {
            one.serve("/sdists", """
                    {"sdists": [
                      {"filename": "a-1.tar.gz", "platform": "debian-12-x86_64", "python": "3.11", "downloads": 2},
                      {"filename": "b-1.tar.gz", "platform": "no platform", "python": "3.11", "downloads": 3},
                      {"filename": "c-1.tar.gz", "platform": "debian-12-x86_64", "python": "snake", "downloads": 3},
                      "d-1.tar.gz"
                    ]}""");
            other.serve(
                    "/sdists",
                    "{\"sdists\": [{\"filename\": \"a-1.tar.gz\", \"platform\": \"debian-12-x86_64\", \"python\": \"3.11\", \"downloads\": 5}]}");
            var reading = SdistLog.read(List.of(one.at("/sdists"), other.at("/sdists")));
            assertThat(reading.seen())
                    .containsExactly(new SeenSdist(
                            "a-1.tar.gz", WheelDocuments.platform("debian-12-x86_64"), Interpreter.parse("3.11"), 7));
            assertThat(reading.failures()).singleElement().asString().contains("3 of its entries are passed over");
        }
    }
}
