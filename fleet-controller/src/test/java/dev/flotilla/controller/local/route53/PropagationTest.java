package dev.flotilla.controller.local.route53;

import static dev.flotilla.controller.local.route53.StandInClient.alias;
import static dev.flotilla.controller.local.route53.StandInClient.simple;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import software.amazon.awssdk.services.route53.model.ChangeInfo;
import software.amazon.awssdk.services.route53.model.ChangeStatus;
import software.amazon.awssdk.services.route53.model.RRType;

/** From the API to the name server, with a clock that the test moves. */
@Timeout(30)
class PropagationTest {
    private static final Duration DELAY = Duration.ofSeconds(30);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private Route53StandIn standIn;
    private StandInClient client;
    private String zone;

    @BeforeEach
    void start() throws IOException {
        standIn = Route53StandIn.start(
                Route53Options.onLoopback().withChangeDelay(DELAY).withClock(new MovedClock(now)));
        client = new StandInClient(standIn.endpoint());
        zone = client.zone("flotilla.test");
    }

    @AfterEach
    void stop() {
        client.close();
        standIn.close();
    }

    @Test
    void theNameServerAnswersByAChangeOnceItIsInSync() throws IOException {
        client.create(zone, simple("mirror.flotilla.test", RRType.A, "192.0.2.1"));
        assertThat(answers()).isEmpty();

        pass(Duration.ofSeconds(20));
        ChangeInfo second = client.upsert(zone, simple("mirror.flotilla.test", RRType.A, "192.0.2.2"));
        pass(Duration.ofSeconds(10));
        assertThat(answers()).containsExactly("mirror.flotilla.test. 1 192.0.2.1");
        assertThat(status(second)).isEqualTo(ChangeStatus.PENDING);

        pass(Duration.ofSeconds(20));
        assertThat(answers()).containsExactly("mirror.flotilla.test. 1 192.0.2.2");
        assertThat(status(second)).isEqualTo(ChangeStatus.INSYNC);
        assertThat(second.submittedAt()).isEqualTo(Instant.parse("2026-01-01T00:00:20Z"));
    }

    @Test
    void anAliasAnswersUnderItsOwnNameWithItsTargetsTimeToLive() throws IOException {
        client.create(
                zone,
                simple("leaf.flotilla.test", RRType.A, "192.0.2.1").toBuilder()
                        .ttl(17L)
                        .build(),
                alias("mirror.flotilla.test", zone, "leaf.flotilla.test"));
        pass(DELAY);
        assertThat(answers()).containsExactly("mirror.flotilla.test. 17 192.0.2.1");
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    private ChangeStatus status(ChangeInfo change) {
        return client.sdk()
                .getChange(request -> request.id(change.id()))
                .changeInfo()
                .status();
    }

    private List<String> answers() throws IOException {
        SimpleResolver resolver = new SimpleResolver(standIn.dnsAddress());
        Record question = Record.newRecord(Name.fromConstantString("mirror.flotilla.test."), Type.A, DClass.IN);
        return resolver.send(Message.newQuery(question)).getSection(Section.ANSWER).stream()
                .map(record -> record.getName() + " " + record.getTTL() + " " + record.rdataToString())
                .toList();
    }
}
