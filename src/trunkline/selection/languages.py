"""What requests in German, French, Spanish, Portuguese and Japanese say, in the English words that tools are named by.

A word book, not a translator: words of deeds and things that APIs have. A word that is English too stands in no line.
"""

import re
import unicodedata
from typing import Final

# English: the forms of other languages, without accents, as they are spoken; `*` stands for any ending.
_BOOK = """
create: erstell* anleg* leg* angelegt crea* crear cree* creer criar crie cria ouvrir ouvre abrir abre
create: abra eroffn*
add: hinzufug* fuge ajout* aggiung* anad* agreg* adicion* acrescent* eintrag* trag*
show list: zeig* liste* auflist* montre* affiche* muestra* mostrar mostra* mostre* lister enumera*
show list: quais welche quels quelles cuales
find search: such* finde* cherche* trouve* busca* buscar encuentra* procura* encontr* recherche*
get: hol* gib* donne* recuper* obten* obtener dame traz* pega
update change: ander* aktualisier* modifi* mets* mettre cambi* actualiz* atualiz* muda* altera* setz*
update change: stell* pon poner ponme
delete remove: losch* entfern* supprim* efface* elimina* borra* apaga* remov* exclu*
cancel: stornier* kundig* annul* cancel* absag*
send: schick* send* envoi* envoy* envia* manda* mandar enviar verschick*
tell message: sag* melde* bescheid previens prevenir dis avisa* avise* dile diga* informe* benachrichtig*
message: nachricht* mensaje* mensagem mensagens
schedule: plan* programm* programa* agend*
start: starte* demarre* lance* inicia* arranca*
restart reboot: neustart* neu reinici* redemarre* relance*
stop: stopp* arret* deten* pare
pay payment: zahl* bezahl* pai* paye* pago* pagar pagamento* zahlung*
refund: erstatt* ruckerstatt* rembours* reembols* devolv* devuelv*
invoice: rechnung* factur* fatura*
order: bestell* commande* pedido* encomenda*
customer: kund* client* cliente*
price: preis* prix precio* preco*
subscription: abo abos abonn* abonnement* suscripcion* assinatura*
task: aufgab* tache* tarea* tarefa*
ticket issue: vorgang fehler* probleme* incidencia* chamado* tickets
file: datei* fichier* archivo* ficheiro* arquivo*
folder: ordner* dossier* carpeta* pasta*
document: dokument* documento*
table: tabell* tableau* tabla* tabela*
sheet spreadsheet: blatt feuille* hoja* planilha*
row: zeile* ligne* fila* linha*
column: spalte* colonne* columna* coluna*
calendar event: termin* kalender* rendez* evenement* evento* calendario* agenda reunion* reuniao cita
calendar event: besprechung*
meeting: sitzung* besprech* treffen
today: heute aujourd* hoy hoje
tomorrow: morgen demain manana amanha
mail email: mails correo* courriel* courrier emails
channel: kanal* canal canaux canales
user: benutzer* nutzer* utilisateur* usuari* utilizador*
team: equipe* equipo* equipa*
employee: mitarbeiter* employe* empleado* funcionari* colaborador*
vacation leave: urlaub* conge* vacaciones vacances ferias
contact: kontakt* contacto* contato*
company: firma* unternehm* entreprise* empresa* societe*
phone number: telefon* telephone* telefono*
weather: wetter* meteo tiempo clima previsao
air quality: luft feinstaub* qualite air aire qualidade
translate: ubersetz* tradui* traduc* traduz*
text: texte* texto*
image picture: bild* bilder imagen* imagem photo* foto*
website page: seite* webseite* pagina* site
server: serveur* servidor*
database: datenbank* donnees datos dados
container stats: arbeitsspeicher ram memoire memoria
log: protokoll* journal* registros
report: bericht* rapport* informe relatorio*
repository: depot* repositorio*
branch: zweig* branche* rama ramo
password: passwort* kennwort* contrasena* senha*
key: schlussel* cle clave chave
payment method card: karte* carte* tarjeta* cartao
card board: tafel tablero* quadro*
comment: kommentar* commentaire* comentario*
label tag: etikett* etiquet*
status: zustand etat estado
balance: guthaben kontostand solde saldo
account: konto konten compte* cuenta* conta
transfer: uberweis* virement* transferencia*
campaign: kampagne* campagne* campana* campanha*
newsletter subscriber: abonnent* abonne* suscriptor* inscrit* assinante*
product: produkt* produit* producto* produto*
stock inventory: lager* bestand stocks inventario* estoque
shipment package: paket* sendung* colis envio* encomenda* paquete*
delivery: lieferung* livraison* entrega*
flight: flug* vol vols vuelo* voo*
route directions: strecke* itineraire* ruta* rota
place map: ort lieu lieux lugar*
review rating: bewertung* avis resena* avalia*
video: videos
song music: lied* musik chanson* musique cancion* musica*
people who: wer qui quien* quem
when: wann quand cuando quando
how many count: wieviel* viele combien cuant* quant*
phishing malicious url: phishing
link url: lien liens enlace* verknupf*
reputation points: punkte points puntos pontos
last latest: letzt* dernier* ultim*
open: offen* ouvert* abiert* aberto*
close: schliess* ferme* cierra* cerrar fecha* fechar
share: teil* partage* compart* partilh*
copy: kopier* copie* copia*
download: herunterlad* telecharg* descarg* baixa*
upload: hochlad* subir sube televers*
approve: genehmig* freigeb* approuv* aprob* aprov*
assign: zuweis* weise assign* asigna* atribu*
invite: einlad* lade invit* convid*
block suspend: sperr* bloqu*
convert: umwandel* umrechn* convert* conviert*
signature sign: unterschr* signatur* signe* assin*
deal: geschaft* affaire* negocio* oportunid*
request: demande* anfrag* solicitud*
language: sprach* langue* idioma* lingua*
deadline due date: frist* fallig* echeance* plazo* vencim* prazo*
draft: entwurf* brouillon* borrador* rascunho*
resolve: gelost* erledig* resolu* resuelt* resolv*
exchange rate: wechselkurs* taux cambio cotizacion dolar euro
visitor traffic: besuch* visit* trafic* trafego gente
form: formular* formulaire* formulario*
alert alarm: alarm* alerte* alerta*
summary: zusammenfass* resum*
candidate applicant: bewerb* candidat*
"""

# Japanese writes no blanks between words: these are looked for anywhere.
_JAPANESE = """
create: 作成 作って 作る 追加 登録 立てて
show list: 一覧 見せて 表示 教えて 全部 リスト
find search: 検索 探して 調べ
update change: 更新 変更 直して
delete remove: 削除 消して 取り消
cancel: キャンセル 解約
send: 送って 送信 送る 投稿 通知
message: メッセージ 連絡
mail email: メール
table: テーブル
dataset: データセット
database: データベース
file: ファイル
folder: フォルダ
invoice: 請求書
payment: 支払 決済
refund: 返金
order: 注文
customer: 顧客 お客
card: カード
due date deadline: 期限 締切
task: タスク
ticket issue: チケット 課題 不具合 バグ
event calendar meeting: 予定 会議 カレンダー ミーティング
channel: チャンネル
user: ユーザー
translate: 翻訳 訳して
weather: 天気
balance: 残高
server instance: サーバー インスタンス
restart reboot: 再起動
page document: ページ 文書 ドキュメント
image: 画像 写真
row: 行
report: レポート
upload: アップロード
download: ダウンロード
how many count: 何件 いくつ 何人
repository: リポジトリ
comment: コメント
contact: 連絡先
product: 商品
shipment: 配送 荷物
employee: 社員 従業員
leave vacation: 休暇 有給
"""
_WORD = re.compile(r"[^\W\d_]+")
_KANA = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .'-]*[A-Za-z0-9]")
_STEM: Final = 3  # letters that a form with any ending must have


def _lines(book: str) -> list[tuple[str, list[str]]]:
    pairs = (line.partition(":") for line in book.strip().splitlines())
    return [(english, forms.split()) for english, _, forms in pairs]


_WHOLE: Final = {form: english for english, forms in _lines(_BOOK) for form in forms if not form.endswith("*")}
_BEGINNING: Final = {form[:-1]: english for english, forms in _lines(_BOOK) for form in forms if form.endswith("*")}
_ANYWHERE: Final = [(form, english) for english, forms in _lines(_JAPANESE) for form in forms]
# Small words that give a language away; two of one language, and the text is read with the word book.
_SMALL_WORDS: Final = """
der die das den dem ein eine einen ist sind und mit fur von auf im zu ich wir uns mir mein meine bitte nicht wie was

le la les des du un une est sont et avec pour dans sur je nous moi mon ma mes ce cette au aux ai qui que combien

el la los las del un una es son y con para por en mi mis nuestro que cuando quien al se lo todos hay esta no

o os as do da dos das um uma e com para por em no na meu minha que quem nos eu nao esta ha tenho
"""
_SMALL: Final = tuple(frozenset(words.split()) for words in _SMALL_WORDS.split("\n\n"))
_ENGLISH: Final = frozenset(
    ("the", "of", "and", "to", "for", "in", "on", "is", "our", "my", "with", "from", "that", "it")
)


def english(text: str) -> str:
    """English words for what `text` says, in order; "" for a text that is English."""
    if _KANA.search(text):
        return " ".join(word for form, word in _ANYWHERE if form in text)
    words = _WORD.findall(_plain(text))
    if max(sum(word in small for word in words) for small in _SMALL) < 2 or _is_english(words):
        return ""
    return " ".join(filter(None, map(_meant, words)))


def spaced(text: str) -> str:
    """`text` with blanks around what is not Japanese, if any of it is: a name among it is a word then."""
    return _LATIN.sub(r" \g<0> ", text) if _KANA.search(text) else text


def _is_english(words: list[str]) -> bool:
    return sum(word in _ENGLISH for word in words) >= 2


def _meant(word: str) -> str:
    if word in _WHOLE:
        return _WHOLE[word]
    ends = range(len(word), _STEM - 1, -1)
    return next((_BEGINNING[word[:end]] for end in ends if word[:end] in _BEGINNING), "")


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(sign) != "Mn")
