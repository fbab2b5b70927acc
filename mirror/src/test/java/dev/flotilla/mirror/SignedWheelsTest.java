package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.signing.AgentSignatures;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wheels in a bucket that gives nothing without a signature, and the agent beside the mirror that has the credentials. */
class SignedWheelsTest {
    private static final SampleWheel BUILT = new SampleWheel("sample-native", "1.0", List.of());
    private static final String SIGNATURE = "AWS4-HMAC-SHA256 Credential=key, Signature=secret-of-one-request";
    private static final String SIGNED = "signed\nAuthorization: " + SIGNATURE + "\nx-amz-date: 20260101T000000Z\n\n";

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private SampleWheelhouse house;
    private Path keeper;
    private SigningAgent agent;
    private RunningMirror mirror;
    private final Logged log = Logged.by(AgentSignatures.class);

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json();
        keeper = Files.createDirectory(folder.resolve("keeper"));
        house = new SampleWheelhouse(keeper.resolve("wheels")).with(BUILT).publish();
        house.bucket().demand(SIGNATURE);
        agent = new SigningAgent(keeper, SIGNED);
        mirror = started(house.sourceAlone());
    }

    private RunningMirror started(String more) {
        return RunningMirror.kept(
                upstream,
                folder.resolve("store"),
                clock,
                keeper,
                "outbound { retries = 0, connect-time-out = 1 s }\n" + more);
    }

    @AfterEach
    void stop() throws IOException {
        log.close();
        mirror.close();
        agent.close();
        house.close();
        upstream.close();
    }

    private HttpResponse<byte[]> wheel() throws IOException {
        return mirror.get("/packages/sha256/" + Sha256.of(BUILT.content()).hex() + "/" + BUILT.filename());
    }

    private void isHad() throws IOException {
        assertThat(wheel().statusCode()).isEqualTo(200);
        assertThat(wheel().body()).isEqualTo(BUILT.content());
    }

    private void isNotHad(String why) throws IOException {
        var answer = wheel();
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(text(answer))
                .contains("status 403")
                .contains("the request wasn't signed; the mirror's log says why")
                .doesNotContain(why, "agent", "secret-of-one-request");
        assertThat(log.lines()).as("for operators").anyMatch(line -> line.contains(why));
    }

    @Test
    void theBucketIsAskedWithWhatTheAgentSays() throws IOException {
        isHad();
        assertThat(agent.questions())
                .as("once, for the address that the index says")
                .hasSize(1)
                .first()
                .satisfies(question -> assertThat(question)
                        .startsWith("GET " + house.bucket().index().replace("/simple/", "/wheels/"))
                        .endsWith(BUILT.filename() + "\n"));
        assertThat(text(mirror.send("GET", mirror.url("/")))).doesNotContain("secret-of-one-request");
    }

    @Test
    void anAgentThatIsAwayIsNamedAndWhatIsKeptIsServed() throws IOException {
        agent.close();
        isNotHad("requests for wheels aren't signed: the agent, which signs requests, isn't there");
        agent = new SigningAgent(keeper, SIGNED);
        isHad();
        agent.close();
        house.bucket().failWith(500);
        isHad();
    }

    @Test
    void withoutAnAgentWhatEverybodyMayReadIsHad() throws IOException {
        agent.close();
        house.bucket().demand(null);
        isHad();
    }

    @Test
    void anAgentThatDoesNotAnswerHoldsUpNobodyForLong() throws IOException {
        agent.says("");
        isNotHad("hasn't answered in 1000 ms");
        agent.says("failed the role is gone\n");
        isNotHad("the role is gone");
        isNotHad("the role is gone");
        assertThat(log.lines())
                .filteredOn(line -> line.contains("the role is gone"))
                .hasSize(1);
        agent.says("unsigned this is no wheel in the bucket of the agent\n");
        isNotHad("no wheel in the bucket of the agent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "signed\n",
                "signed\n\n",
                "signed\nAuthorization: " + SIGNATURE + "\n",
                "signed\nAuthorization: " + SIGNATURE + "\n\n\n.",
                "signed\nHost: elsewhere\nAuthorization: " + SIGNATURE + "\n\n",
                "signed\nRange: bytes=0-1\n\n",
                "signed\nAuthorization: " + SIGNATURE + "\u0007\n\n",
                "signed\nLocation: http://127.0.0.1:9/\n\n",
                "http://127.0.0.1:9/elsewhere\n",
                "nonsense",
            })
    void anAnswerThatIsNoSignatureIsNone(String answer) throws IOException {
        agent.says(answer);
        isNotHad("requests for wheels aren't signed: the agent");
    }

    @Test
    void anAnswerWithoutEndIsNone() throws IOException {
        agent.says("signed\nx-amz-date: " + "x".repeat(64 << 10) + "\n\n");
        isNotHad("the agent's answer is no signature");
    }

    @Test
    void whereTheMirrorHasCredentialsOfItsOwnTheAgentIsNotAsked() throws IOException {
        mirror.close();
        Path secret = Files.writeString(folder.resolve("secret"), "token");
        mirror = started(house.sourceAlone()
                .replace(", look", ", credentials { type = bearer, secret-file = \"" + secret + "\" }, look"));
        house.bucket().demand("Bearer token");
        isHad();
        assertThat(agent.questions()).isEmpty();
    }

    @Test
    void aSignatureGoesToNobodyElse() throws IOException {
        house.bucket().demand(null);
        house.bucket().leadOnce("/elsewhere/" + BUILT.filename());
        isHad();
        assertThat(house.bucket().credentials())
                .as("the address that was signed, and the one that it led to")
                .containsExactly(SIGNATURE, "");
    }
}
