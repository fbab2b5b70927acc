package dev.flotilla.controller.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.controller.simulate.Answers.Answer;
import dev.flotilla.controller.simulate.Vectors.Expected;
import dev.flotilla.controller.simulate.Vectors.Question;
import dev.flotilla.controller.simulate.Vectors.Vector;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What AWS's documentation says is answered, by the simulation and by the stand-in's name server. */
@Timeout(60)
class AnswersTest {
    private static final int SAMPLES = 400;

    private static StandInZone standIn;

    static List<Vector> vectors() {
        return Vectors.read();
    }

    @BeforeAll
    static void start() throws IOException {
        standIn = new StandInZone(
                Vectors.ZONE,
                vectors().stream()
                        .flatMap(vector -> vector.questions().stream())
                        .map(Question::nearest)
                        .collect(Collectors.toSet()));
    }

    @AfterAll
    static void stop() {
        standIn.close();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theSimulationAnswersWhatTheDocumentationSays(Vector vector) {
        assertThat(vector.section()).matches("(Guide|API), .+");
        assertThat(vector.questions()).isNotEmpty();
        for (Question question : vector.questions()) {
            List<Answer> answers = new Answers(vector.records(), check -> !isDown(question, check))
                    .to(question.name(), "A", question.nearest());
            assertThat(answers).as("%s", question).hasSameSizeAs(question.expected());
            for (Expected expected : question.expected()) {
                Answer answer = answers.stream()
                        .filter(found -> found.values().equals(expected.values()))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(question + " is answered with " + answers));
                assertThat(answer.share()).as("%s", question).isCloseTo(share(question, expected), within(1e-9));
                assertThat(answer.atOnce()).isEqualTo(expected.atOnce());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theStandInAnswersWhatTheDocumentationSays(Vector vector) throws Exception {
        standIn.put(vector.records());
        for (Question question : vector.questions()) {
            standIn.down(
                    question.down().stream().map(CheckReference.Existing::new).collect(Collectors.toSet()));
            Map<Expected, Integer> counts = new HashMap<>();
            Map<Expected, Set<String>> seen = new HashMap<>();
            for (int sample = 0; sample < SAMPLES; sample++) {
                Set<String> values = standIn.ask(question.name(), "A", question.nearest());
                Expected expected = question.expected().stream()
                        .filter(one -> one.values().containsAll(values) && values.size() == one.atOnce())
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(question + " is answered with " + values));
                counts.merge(expected, 1, Integer::sum);
                seen.computeIfAbsent(expected, key -> new HashSet<>()).addAll(values);
            }
            for (Expected expected : question.expected()) {
                assertThat(counts.getOrDefault(expected, 0) / (double) SAMPLES)
                        .as("%s of %s", expected, question)
                        .isCloseTo(share(question, expected), within(0.1));
                assertThat(seen.get(expected)).as("every value has its turn").isEqualTo(expected.values());
            }
        }
    }

    private static boolean isDown(Question question, CheckReference check) {
        return check instanceof CheckReference.Existing existing
                && question.down().contains(existing.id());
    }

    private static double share(Question question, Expected expected) {
        return expected.parts()
                / (double)
                        question.expected().stream().mapToInt(Expected::parts).sum();
    }
}
