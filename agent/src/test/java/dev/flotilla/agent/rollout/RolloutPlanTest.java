package dev.flotilla.agent.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RolloutPlanTest {
    private static final RolloutPlan PLAN = new RolloutPlan(
            Plans.START,
            Plans.SILENCE,
            25,
            true,
            true,
            new AllowedHours(List.of(AllowedHours.Window.parse("mon-fri 08:00-16:00"))),
            List.of(
                    new Wave(Plans.SOAK, Plans.members("east/east-1"), List.of()),
                    new Wave(Duration.ZERO, Plans.members("east/east-2 west/west-1"), Plans.members("west/west-2"))));

    @Test
    void aPlanComesBackAsItWas() {
        assertThat(RolloutPlan.parse(PLAN.toBytes())).isEqualTo(PLAN);
    }

    @Test
    void aNodeHasThePlaceOfItsWaveAndAStrangerTheOneBehindAll() {
        assertThat(PLAN.place(Plans.member("east/east-1"))).isZero();
        assertThat(PLAN.place(Plans.member("west/west-2"))).isEqualTo(1);
        assertThat(PLAN.place(Plans.member("west/west-3"))).isEqualTo(2);
    }

    @Test
    void oneNodeHasAVetoOnlyWhereItIsAlone() {
        assertThat(PLAN.quorum(1)).isEqualTo(1);
        for (int counted = 2; counted <= 8; counted++) {
            assertThat(PLAN.quorum(counted)).isEqualTo(2);
        }
        assertThat(PLAN.quorum(9)).isEqualTo(3);
        assertThat(PLAN.quorum(100)).isEqualTo(25);
        assertThat(IntStream.of(0, 1, 2, 9, 100).map(PLAN::needed)).containsExactly(0, 1, 1, 7, 76);
    }

    @Test
    void whatIsNoPlanIsMalformed() {
        String right = new String(PLAN.toBytes(), StandardCharsets.UTF_8);
        for (String wrong : new String[] {
            "{}",
            right.replace("\"format\": 1", "\"format\": 2"),
            right.replace("\"format\": 1", "\"format\": 1, \"also\": 1"),
            right.replace("\"soakSeconds\": 0", "\"soakSeconds\": 0, \"also\": 1"),
            right.replace("east/east-2", "east/east-1"),
            right.replace("east/east-2", "east"),
            right.replace("east/east-2", "East/east-2"),
            right.replace("\"soakSeconds\": 600", "\"soakSeconds\": -1"),
            right.replace("\"soakSeconds\": 600", "\"soakSeconds\": 2592001"),
            right.replace("\"soakSeconds\": 600", "\"soakSeconds\": \"600\""),
            right.replace("\"failuresPercent\": 25", "\"failuresPercent\": 0"),
            right.replace("\"failuresPercent\": 25", "\"failuresPercent\": 4294967321"),
            right.replace("mon-fri 08:00-16:00", "mondays"),
            right.replaceFirst("(?s)\"waves\": \\[.*\\]", "\"waves\": []")
        }) {
            assertThat(wrong).isNotEqualTo(right);
            assertThatThrownBy(() -> RolloutPlan.parse(wrong.getBytes(StandardCharsets.UTF_8)))
                    .as(wrong)
                    .isInstanceOf(MalformedJsonException.class);
        }
    }

    @Test
    void thereIsRoomForTheLargestFleet() {
        List<Member> many = IntStream.range(0, 10_000)
                .mapToObj(number -> Plans.member("r".repeat(63) + "/n" + "0".repeat(50) + "-" + number))
                .toList();
        var plan = new RolloutPlan(
                Plans.START,
                Plans.SILENCE,
                25,
                true,
                false,
                AllowedHours.ALWAYS,
                List.of(new Wave(Plans.SOAK, many, List.of())));
        assertThat(RolloutPlan.parse(plan.toBytes())).isEqualTo(plan);
    }
}
