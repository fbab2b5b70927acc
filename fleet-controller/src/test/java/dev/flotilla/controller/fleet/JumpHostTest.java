package dev.flotilla.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JumpHostTest {
    @Test
    void itIsWrittenAsOpenSshsProxyJump() {
        assertThat(JumpHost.parse("bastion.example.net"))
                .contains(new JumpHost(Optional.empty(), "bastion.example.net", 22));
        assertThat(JumpHost.parse("ops@bastion:2222")).contains(new JumpHost(Optional.of("ops"), "bastion", 2222));
        assertThat(JumpHost.parse("ops@[2001:db8::7]:22"))
                .contains(new JumpHost(Optional.of("ops"), "2001:db8::7", 22));
        assertThat(JumpHost.parse("none")).isEmpty();
    }

    @Test
    void itsKeyIsPinnedByItsHostAndAPortThatIsNotTheUsualOne() {
        assertThat(JumpHost.parse("ops@bastion").orElseThrow().name()).isEqualTo("jump/bastion");
        assertThat(JumpHost.parse("bastion:2222").orElseThrow().name()).isEqualTo("jump/bastion:2222");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "@bastion",
                "ops@",
                "bastion:",
                "bastion:0",
                "bastion:65536",
                "bastion:x",
                "a,b@c d",
                "2001:db8::7",
                "a@b@c"
            })
    void whatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> JumpHost.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
