//! Handshake message types (RFC 8446 appendix B.3, RFC 5246 section 7.4) and the closed list of
//! step names of the timeline.

use std::fmt;

use serde::{Deserialize, Serialize};
/// Handshake message type by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandshakeType(pub u8);

impl HandshakeType {
    /// The step of the timeline that this message is, if the number is assigned.
    #[must_use]
    pub fn step(self) -> Option<StepName> {
        Some(match self.0 {
            0 => StepName::HelloRequest,
            1 => StepName::ClientHello,
            2 => StepName::ServerHello,
            3 => StepName::HelloVerifyRequest,
            4 => StepName::NewSessionTicket,
            5 => StepName::EndOfEarlyData,
            6 => StepName::HelloRetryRequest,
            8 => StepName::EncryptedExtensions,
            11 => StepName::Certificate,
            12 => StepName::ServerKeyExchange,
            13 => StepName::CertificateRequest,
            14 => StepName::ServerHelloDone,
            15 => StepName::CertificateVerify,
            16 => StepName::ClientKeyExchange,
            20 => StepName::Finished,
            21 => StepName::CertificateUrl,
            22 => StepName::CertificateStatus,
            24 => StepName::KeyUpdate,
            _ => return None,
        })
    }
}

macro_rules! step_names {
    ($($variant:ident $snake:literal $title:literal;)*) => {
        /// One message or event of an attempt: the closed list of the JSON contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum StepName {
            $(#[doc = concat!("`", $snake, "`")] $variant,)*
        }

        impl StepName {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The `snake_case` word of the JSON contract.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $snake,)* }
            }

            /// The name as the RFCs write it.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

step_names! {
    HelloRequest "hello_request" "HelloRequest";
    ClientHello "client_hello" "ClientHello";
    ServerHello "server_hello" "ServerHello";
    HelloVerifyRequest "hello_verify_request" "HelloVerifyRequest";
    HelloRetryRequest "hello_retry_request" "HelloRetryRequest";
    EncryptedExtensions "encrypted_extensions" "EncryptedExtensions";
    Certificate "certificate" "Certificate";
    CertificateUrl "certificate_url" "CertificateURL";
    CertificateStatus "certificate_status" "CertificateStatus";
    ServerKeyExchange "server_key_exchange" "ServerKeyExchange";
    CertificateRequest "certificate_request" "CertificateRequest";
    ServerHelloDone "server_hello_done" "ServerHelloDone";
    ClientKeyExchange "client_key_exchange" "ClientKeyExchange";
    CertificateVerify "certificate_verify" "CertificateVerify";
    ChangeCipherSpec "change_cipher_spec" "ChangeCipherSpec";
    Finished "finished" "Finished";
    NewSessionTicket "new_session_ticket" "NewSessionTicket";
    EndOfEarlyData "end_of_early_data" "EndOfEarlyData";
    KeyUpdate "key_update" "KeyUpdate";
    Alert "alert" "Alert";
    ApplicationData "application_data" "ApplicationData";
    Dns "dns" "DNS";
    TcpConnect "tcp_connect" "TCP connect";
    TcpFin "tcp_fin" "TCP FIN";
    TcpRst "tcp_rst" "TCP RST";
    Timeout "timeout" "Time-out";
}

impl StepName {
    /// Is it a message of the handshake (not an event of TCP or the clock)?
    #[must_use]
    pub fn is_handshake(self) -> bool {
        self < Self::Alert
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
